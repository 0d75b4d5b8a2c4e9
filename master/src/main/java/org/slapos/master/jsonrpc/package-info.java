/// The JSON door: methods named `slapos.<verb>.<version>.<object>`, one object in, one object out. Calls and
/// answers are records of `protocol.jsonrpc`; here is who may call what ([Rights]) and which use-case answers.
@NullMarked
package org.slapos.master.jsonrpc;

import org.jspecify.annotations.NullMarked;
