package org.slapos.master.instance;

import java.util.Optional;
import org.slapos.protocol.ComputerId;

/// To whom an instance belongs, as far as rights go.
///
/// @param reference `SOFTINST-n`
/// @param tree      `HOSTSUBS-n`
/// @param owner     of the tree: reference of a person, or of a Computer
/// @param project   of the tree, `PROJ-n`
/// @param parent    the instance that requests it; empty = it is the root, or that one is no more
/// @param host      the instance in which a shared one lives
/// @param computer  where it is, or its host; empty = it waits
public record Kinship(
        String reference,
        String tree,
        String owner,
        String project,
        Optional<String> parent,
        Optional<String> host,
        Optional<ComputerId> computer) {}
