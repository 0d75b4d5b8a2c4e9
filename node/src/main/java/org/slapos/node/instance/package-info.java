/// Instances in their ComputerPartitions: what the Master promises is compared with what was deployed, planned as one
/// step, and done: Buildout, certificate, services, promises, published values, destruction.
///
/// Always true: what is unchanged starts no process and writes nothing; a partition that fails stops no other; nothing
/// is written below a partition through a link; "deployed" and "healthy" are two states, so that a promise that is not
/// kept does not build anything again.
@NullMarked
package org.slapos.node.instance;

import org.jspecify.annotations.NullMarked;
