package org.slapos.master.hateoas;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slapos.master.Problem;
import org.slapos.master.access.Access;
import org.slapos.master.access.Right;
import org.slapos.master.access.Subject;
import org.slapos.master.computer.Computer;
import org.slapos.master.computer.FindComputers;
import org.slapos.master.http.Answer;
import org.slapos.master.http.Call;
import org.slapos.master.http.Door;
import org.slapos.master.instance.ListTrees;
import org.slapos.master.party.Requester;
import org.slapos.master.software.FindSoftware;
import org.slapos.protocol.ComputerId;
import org.slapos.protocol.Form;
import org.slapos.protocol.MalformedException;
import org.slapos.protocol.Reason;
import org.slapos.protocol.hypermedia.RootDocument;
import org.slapos.protocol.hypermedia.SearchQuery;
import org.slapos.protocol.hypermedia.SearchResult;
import org.slapos.protocol.hypermedia.UriTemplate;
import org.slapos.protocol.jsonrpc.Json;

/// Answers the root document, searches, and forms of single things.
public final class HypermediaDoor implements Door {
    private static final String HAL = "application/hal+json";
    private static final String TOKEN = "computer_module/Base_getComputerToken";
    private static final Pattern RELATIVE_URL = Pattern.compile("[a-z_]+/[A-Z]+-[0-9]+");
    private static final int MAX_LIMIT = 10_000;

    private final Access access;
    private final ListTrees trees;
    private final FindComputers computers;
    private final FindSoftware software;
    private final Shown shown;

    public HypermediaDoor(
            Access access, ListTrees trees, FindComputers computers, FindSoftware software, InstantSource clock) {
        this.access = access;
        this.trees = trees;
        this.computers = computers;
        this.software = software;
        this.shown = new Shown(computers, clock);
    }

    @Override
    public Answer answer(Call call) {
        if (!call.isGet()) {
            return Answer.methodNotAllowed("GET, HEAD");
        }
        if (!call.accepts(HAL) && !call.accepts("application/json")) {
            return refused(406, "The answer is " + HAL + ", which the caller does not accept.");
        }
        if (call.requester() instanceof Requester.Anonymous(var why)) {
            return refused(401, why)
                    .with(
                            "WWW-Authenticate",
                            "X-Delegate uri=\"" + call.absolute("connection/login_form") + "{?came_from}\"");
        }
        var refusal = access.refusal(call.requester(), Right.LIST_OWN, "hateoas", Subject.NONE);
        return refusal.isEmpty() && call.requester() instanceof Requester.Person(var person)
                ? answer(call, person)
                : refused(403, refusal.map(Problem::message).orElse("Lists are for people."));
    }

    private Answer answer(Call call, String person) {
        if (call.path().equals(TOKEN)) {
            return refused(
                    410,
                    "Tokens for Computers are made by the JSON method slapos.post.v0.compute_node_token, which"
                            + " 'slapos computer token' calls.");
        }
        if (!call.path().isEmpty()) {
            return notFound(call.path());
        }
        return switch (call.query().get("mode").orElse("root")) {
            case "root" -> document(root(call, person).write());
            case "search" -> search(person, call.query());
            case "traverse" -> traverse(person, call.query().required("relative_url"));
            default -> refused(400, "mode is search or traverse, or there is none.");
        };
    }

    private static RootDocument root(Call call, String person) {
        var here = call.absolute("hateoas/");
        return new RootDocument(
                Optional.of(call.absolute("hateoas").toString()),
                new UriTemplate(here + "?mode=search{&query,select_list,limit}"),
                new UriTemplate(here + "?mode=traverse{&relative_url,view}"),
                Optional.of("person_module/" + person));
    }

    private Answer search(String person, Form form) {
        var text = form.required("query");
        var columns = form.get("select_list")
                .filter(list -> !list.isEmpty())
                .map(list -> List.of(list.split(",", MAX_LIMIT)))
                .orElse(Columns.DEFAULT);
        int limit = form.get("limit").map(HypermediaDoor::limit).orElse(SearchResult.DEFAULT_LIMIT);
        var found = switch (SearchQuery.parse(text)) {
            case SearchQuery.Trees(var title) -> {
                var all = title.map(
                                wanted -> trees.titled(person, wanted).stream().toList())
                        .orElseGet(() -> trees.of(person, limit));
                yield rows(shown.trees(), all, columns, limit);
            }
            case SearchQuery.Computers(var reference) ->
                rows(shown.computers(), owned(person, reference), columns, limit);
            case SearchQuery.Instances(var title) ->
                rows(
                        shown.instances(),
                        trees.titled(person, title)
                                .map(ListTrees.ListedTree::instances)
                                .orElse(List.of()),
                        columns,
                        limit);
            case SearchQuery.Installations(var computer) ->
                rows(
                        shown.installations(),
                        software.ownedBy(person, computer.map(ComputerId::new), limit),
                        columns,
                        limit);
        };
        return document(found.write(text, columns, limit));
    }

    private static <T> SearchResult rows(Columns<T> columns, List<T> things, List<String> selected, int limit) {
        return new SearchResult(things.stream()
                .limit(limit)
                .map(thing -> columns.row(thing, selected))
                .toList());
    }

    private List<Computer> owned(String person, Optional<String> reference) {
        return computers.of(person).stream()
                .filter(computer -> reference
                        .map(wanted -> wanted.equals(computer.reference().text()))
                        .orElse(true))
                .toList();
    }

    private Answer traverse(String person, String relativeUrl) {
        if (!RELATIVE_URL.matcher(relativeUrl).matches()) {
            return notFound(relativeUrl.replaceAll("\\p{Cntrl}", "?"));
        }
        if (relativeUrl.startsWith(Shown.TREE)) {
            return trees.named(person, relativeUrl.substring(Shown.TREE.length()))
                    .map(tree -> document(shown.form(tree).write()))
                    .orElseGet(() -> notFound(relativeUrl));
        }
        if (relativeUrl.startsWith(Shown.COMPUTER)) {
            return owned(person, Optional.of(relativeUrl.substring(Shown.COMPUTER.length()))).stream()
                    .findFirst()
                    .map(computer -> document(shown.form(computer).write()))
                    .orElseGet(() -> notFound(relativeUrl));
        }
        return notFound(relativeUrl);
    }

    private static int limit(String text) {
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > MAX_LIMIT) {
            throw new MalformedException("limit is a number from 1 to " + MAX_LIMIT + ", not '" + text + "'");
        }
        return Integer.parseInt(text);
    }

    private static Answer document(ObjectNode json) {
        return new Answer(
                200,
                Map.of("Content-Type", HAL + "; charset=utf-8", "Cache-Control", "private, no-cache"),
                Json.write(json));
    }

    private static Answer notFound(String what) {
        return refused(404, "There is no '" + what + "' that you may see.");
    }

    private static Answer refused(int status, String reason) {
        return Answer.text(status, reason).with(Reason.HEADER, Reason.encode(reason));
    }
}
