/// The XML dialect of SLAP: values of a few plain types inside one `marshal` element, strings escaped twice.
///
/// Reading is tolerant of other writers (old tags, white space, references) and strict with hostile ones:
/// no DTD, limits on size, depth and number of values.
@NullMarked
package org.slapos.protocol.marshal;

import org.jspecify.annotations.NullMarked;
