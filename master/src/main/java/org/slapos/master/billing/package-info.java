/// What is owed for: the Movements that follow from running instances and from reported use.
///
/// Words: a hosting Movement opens when an instance really starts and closes when it stops; usage Movements come with
/// the reports of Computers. The source is the Computer, the destination the owner of the instance's tree.
///
/// Always true: each Movement names its cause, so that the same report twice is one.
@NullMarked
package org.slapos.master.billing;

import org.jspecify.annotations.NullMarked;
