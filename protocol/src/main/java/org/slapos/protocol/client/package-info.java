/// Talking to a Master from Java: one pooled connection, TLS verified, each answer a value or a [SlapException].
@NullMarked
package org.slapos.protocol.client;

import org.jspecify.annotations.NullMarked;
