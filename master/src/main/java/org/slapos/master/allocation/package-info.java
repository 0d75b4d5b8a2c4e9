/// Which ComputerPartition gets an instance.
///
/// Planning is pure, on a picture of free capacity; taking is a database update that decides races, and a lost race is
/// planned again. A refusal names the rule and the Computer.
@NullMarked
package org.slapos.master.allocation;

import org.jspecify.annotations.NullMarked;
