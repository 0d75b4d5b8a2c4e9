/// The golden conversations: files of `src/test/golden`, played to our client and sent to our servers.
@NullMarked
package org.slapos.protocol.golden;

import org.jspecify.annotations.NullMarked;
