/// The door of people's accounts, below `/account/`: registration, sign-in, passwords, sessions. JSON in, JSON out;
/// what a mail links to is also a small page, which acts when its button is pressed, not when it is followed.
@NullMarked
package org.slapos.master.account;

import org.jspecify.annotations.NullMarked;
