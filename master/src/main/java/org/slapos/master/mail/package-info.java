/// Mail leaves the Master here: by SMTP when a server is configured, else into a folder that only the Master's user
/// reads.
@NullMarked
package org.slapos.master.mail;

import org.jspecify.annotations.NullMarked;
