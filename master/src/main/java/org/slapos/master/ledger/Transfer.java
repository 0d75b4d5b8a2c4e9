package org.slapos.master.ledger;

/// What moves, and between whom.
///
/// @param resource    what is delivered: `software_hosting`, `service_module/memory_used`...
/// @param unit        of the quantity: `s`, `percent`, `MiB`
/// @param source      reference of who delivers
/// @param destination reference of who gets
/// @param item        reference of the thing it is about: `SOFTINST-n`
public record Transfer(String resource, String unit, String source, String destination, String item) {}
