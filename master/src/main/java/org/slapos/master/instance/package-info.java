/// Instances: what people and instances request, where it stands on its ComputerPartition, and what nodes report of it.
///
/// Words: an InstanceTree (`HOSTSUBS-n`) is what a person requests under a title; its root and the instances these
/// request in turn are SoftwareInstances (`SOFTINST-n`), each with a title of its own in the tree and a certificate.
/// A plain one has a partition of its own; a shared one lives inside the partition of a plain one, its host, and has no
/// certificate. A request that finds no place waits as a row, with its reason.
///
/// Always true: one live instance for each tree and title, one on each partition; the same request twice is one
/// instance and changes nothing; a report never changes what is requested, except that `destroyed` completes a
/// destruction.
@NullMarked
package org.slapos.master.instance;

import org.jspecify.annotations.NullMarked;
