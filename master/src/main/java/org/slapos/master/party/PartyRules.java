package org.slapos.master.party;

import static org.slapos.master.party.Function.ACCOUNTING_AGENT;
import static org.slapos.master.party.Function.ACCOUNTING_MANAGER;
import static org.slapos.master.party.Function.PRODUCTION_AGENT;
import static org.slapos.master.party.Function.PRODUCTION_MANAGER;
import static org.slapos.master.party.Function.SALE_AGENT;
import static org.slapos.master.party.Function.SALE_MANAGER;

import org.slapos.master.party.Party.Detail;
import org.slapos.master.party.Party.Kind;

/// Who may see, make and change parties, and say who holds which function. Pure.
///
/// | | see | change | make | suspend |
/// |---|---|---|---|---|
/// | Person | self, sale, accounting | self, sale, accounting | sale, accounting | sale |
/// | Organisation | its people, sale, accounting | sale, accounting | sale, accounting | sale, accounting |
/// | Project | members, sale, accounting | its managers, sale | sale | sale |
/// | Network | members of its project, sale | its project's managers and agents | the same | the same |
///
/// A function in a project is given by its managers and by sale, a site-wide one by system managers, who may do all.
///
/// @param me        reference of the person who asks
/// @param functions what this person holds
record PartyRules(String me, Functions functions) {
    private boolean isSale() {
        return functions.isSystemManager() || functions.has(SALE_MANAGER) || functions.has(SALE_AGENT);
    }

    /// Sale or accounting.
    boolean isStaff() {
        return isSale() || functions.has(ACCOUNTING_MANAGER) || functions.has(ACCOUNTING_AGENT);
    }

    private boolean operates(String project) {
        return functions.isSystemManager()
                || functions.has(PRODUCTION_MANAGER, project)
                || functions.has(PRODUCTION_AGENT, project);
    }

    /// @param employer reference of the organisation where the person who asks is employed; empty = none
    boolean maySee(Party party, String employer) {
        return switch (party.kind()) {
            case PERSON -> party.reference().equals(me) || isStaff();
            case ORGANISATION -> party.reference().equals(employer) || isStaff();
            case PROJECT -> functions.isIn(party.reference()) || isStaff();
            case NETWORK -> functions.isIn(party.detail(Detail.PROJECT)) || isSale();
        };
    }

    boolean mayChange(Party party) {
        return switch (party.kind()) {
            case PERSON -> party.reference().equals(me) || isStaff();
            case ORGANISATION -> isStaff();
            case PROJECT -> isSale() || functions.has(PRODUCTION_MANAGER, party.reference());
            case NETWORK -> operates(party.detail(Detail.PROJECT));
        };
    }

    /// Details that say who pays and who owns are not for the person themselves.
    boolean mayChange(Party party, Detail detail) {
        return switch (detail) {
            case EMPLOYER, PAYER -> isStaff();
            case OWNER -> isSale();
            case PROJECT, NEW_EMAIL -> false;
            case FIRST_NAME, LAST_NAME, EMAIL, VAT_CODE, REGION, ADDRESS -> mayChange(party);
        };
    }

    /// @param project of a network
    boolean mayMake(Kind kind, String project) {
        return switch (kind) {
            case PERSON, ORGANISATION -> isStaff();
            case PROJECT -> isSale();
            case NETWORK -> operates(project);
        };
    }

    boolean maySuspend(Party party) {
        return switch (party.kind()) {
            case PERSON, PROJECT -> isSale();
            case ORGANISATION, NETWORK -> mayChange(party);
        };
    }

    /// @param project of a function that is held in one
    boolean mayAssign(Function function, String project) {
        return functions.isSystemManager()
                || (function.isOfProject() && (isSale() || functions.has(PRODUCTION_MANAGER, project)));
    }

    /// Whether this one may see who holds which function in a project.
    boolean maySeeMembers(String project) {
        return isStaff() || operates(project);
    }
}
