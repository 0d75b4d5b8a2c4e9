package org.slapos.cli.verbs;

import java.util.List;
import org.slapos.cli.verbs.CommandTable.Entry;
import org.slapos.cli.verbs.CommandTable.Section;

/// The commands about who is who.
final class PartyCommands {
    private PartyCommands() {}

    static List<Entry> all() {
        return List.of(
                new Entry("person list", Section.PARTIES, PartyVerbs.People::new),
                new Entry("person show", Section.PARTIES, PartyVerbs.Show::new),
                new Entry("person create", Section.PARTIES, PartyVerbs.CreatePerson::new),
                new Entry("person set", Section.PARTIES, PartyVerbs.Change::new),
                new Entry("person suspend", Section.PARTIES, PartyVerbs.Suspend::new),
                new Entry("person resume", Section.PARTIES, PartyVerbs.Resume::new),
                new Entry("person end", Section.PARTIES, PartyVerbs.End::new),
                new Entry("person token", Section.PARTIES, TokenVerbs.ForPerson::new),
                new Entry("organisation list", Section.PARTIES, PartyVerbs.Organisations::new),
                new Entry("organisation show", Section.PARTIES, PartyVerbs.Show::new),
                new Entry("organisation create", Section.PARTIES, PartyVerbs.CreateOrganisation::new),
                new Entry("organisation set", Section.PARTIES, PartyVerbs.Change::new),
                new Entry("organisation suspend", Section.PARTIES, PartyVerbs.Suspend::new),
                new Entry("organisation resume", Section.PARTIES, PartyVerbs.Resume::new),
                new Entry("organisation end", Section.PARTIES, PartyVerbs.End::new),
                new Entry("project list", Section.PARTIES, PartyVerbs.Projects::new),
                new Entry("project show", Section.PARTIES, PartyVerbs.Show::new),
                new Entry("project create", Section.PARTIES, PartyVerbs.CreateProject::new),
                new Entry("project set", Section.PARTIES, PartyVerbs.Change::new),
                new Entry("project suspend", Section.PARTIES, PartyVerbs.Suspend::new),
                new Entry("project resume", Section.PARTIES, PartyVerbs.Resume::new),
                new Entry("project end", Section.PARTIES, PartyVerbs.End::new),
                new Entry("project invite", Section.PARTIES, MemberVerbs.Invite::new),
                new Entry("project join", Section.PARTIES, MemberVerbs.Join::new),
                new Entry("network list", Section.PARTIES, PartyVerbs.Networks::new),
                new Entry("network show", Section.PARTIES, PartyVerbs.Show::new),
                new Entry("network create", Section.PARTIES, PartyVerbs.CreateNetwork::new),
                new Entry("network set", Section.PARTIES, PartyVerbs.Change::new),
                new Entry("network suspend", Section.PARTIES, PartyVerbs.Suspend::new),
                new Entry("network resume", Section.PARTIES, PartyVerbs.Resume::new),
                new Entry("network end", Section.PARTIES, PartyVerbs.End::new),
                new Entry("network join", Section.PARTIES, PartyVerbs.Join::new),
                new Entry("assignment list", Section.PARTIES, MemberVerbs.Listing::new),
                new Entry("assignment open", Section.PARTIES, MemberVerbs.Open::new),
                new Entry("assignment close", Section.PARTIES, MemberVerbs.Close::new),
                new Entry("token list", Section.PARTIES, TokenVerbs.Listing::new),
                new Entry("token feed", Section.PARTIES, TokenVerbs.Feed::new),
                new Entry("token withdraw", Section.PARTIES, TokenVerbs.Withdraw::new),
                new Entry("session list", Section.PARTIES, TokenVerbs.Sessions::new),
                new Entry("session end", Section.PARTIES, TokenVerbs.EndSession::new),
                new Entry("person block", Section.PARTIES, TokenVerbs.Block::new),
                new Entry("person unblock", Section.PARTIES, TokenVerbs.Unblock::new),
                new Entry("audit", Section.PARTIES, TokenVerbs.Audit::new));
    }
}
