/// Test computers: machines of their own for system tests, made of namespaces.
///
/// What is always true here: users, addresses, interfaces, files and processes made in a [TestComputer] do not exist
/// outside of it and are gone when it is closed, or when the JVM that started it dies, however it dies.
@NullMarked
package org.slapos.world.computer;

import org.jspecify.annotations.NullMarked;
