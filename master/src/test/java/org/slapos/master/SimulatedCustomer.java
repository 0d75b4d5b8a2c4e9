package org.slapos.master;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.slapos.master.http.Answer;
import org.slapos.master.party.Requester;
import org.slapos.protocol.InstanceInformation;
import org.slapos.protocol.InstanceRequest;
import org.slapos.protocol.RequestedState;
import org.slapos.protocol.marshal.MarshalReader;

/// Somebody who requests, and remembers what the Master has said.
final class SimulatedCustomer {
    private static final List<String> TITLES = List.of("blog", "site");
    private static final List<Map<String, String>> CONDITIONS = List.of(
            Map.of(),
            Map.of(),
            Map.of("price", "6EUR/month"),
            Map.of("region", "europe"),
            Map.of("memory", ">=64GB", "price", "8EUR/month"));

    private final Requester.Person who;
    private final Simulation.Link link;
    private final Random random;
    private final Map<String, Wish> wishes = new TreeMap<>();

    /// What the Master has said of a title last.
    ///
    /// @param isSure whether nothing was asked since to which no answer came
    /// @param state  nothing = it is not there
    /// @param number that was given as a parameter
    /// @param guid   empty = it had no place
    record Wish(boolean isSure, Optional<RequestedState> state, int number, String guid) {
        static final Wish NONE = new Wish(true, Optional.empty(), 0, "");

        Wish unsure() {
            return new Wish(false, state, number, guid);
        }
    }

    SimulatedCustomer(Requester.Person who, Simulation.Link link, Random random) {
        this.who = who;
        this.link = link;
        this.random = random;
    }

    String reference() {
        return who.reference();
    }

    /// By title.
    Map<String, Wish> wishes() {
        return wishes;
    }

    /// Requests something, changes it, ends it, or asks again.
    void act() {
        var title = TITLES.get(random.nextInt(TITLES.size()));
        var wish = wishes.getOrDefault(title, Wish.NONE);
        if (!wish.guid().isEmpty() && random.nextInt(4) == 0) {
            child(wish.guid());
            return;
        }
        var state = random.nextInt(10) < 5 || (wish.state().isEmpty() && wish.isSure())
                ? RequestedState.STARTED
                : random.nextBoolean() ? RequestedState.STOPPED : RequestedState.DESTROYED;
        int number = random.nextBoolean() ? wish.number() : random.nextInt(1000);
        var conditions = CONDITIONS.get(Math.floorMod((who.reference() + title).hashCode(), CONDITIONS.size()));
        var wanted = wanted(title, state, Map.of("number", Integer.toString(number)), conditions);
        var sent = link.send(
                who.reference() + " wants " + title + " " + state + " " + number,
                master -> master.request(who, wanted));
        if (sent.answer().isPresent()) {
            wishes.put(title, said(sent.answer().get(), state, number));
        } else if (sent.isSent()) {
            wishes.put(title, wish.unsure());
        }
    }

    private static Wish said(Answer answer, RequestedState state, int number) {
        return switch (answer.status()) {
            case 200 -> {
                var instance = InstanceInformation.ofRequestAnswer(MarshalReader.read(answer.body()));
                if (!instance.parameters().equals(Map.of("number", Integer.toString(number)))) {
                    throw new AssertionError("asked for number " + number + ", got " + instance);
                }
                yield new Wish(true, Optional.of(state), number, instance.guid());
            }
            case 408 -> state == RequestedState.DESTROYED ? Wish.NONE : new Wish(true, Optional.of(state), number, "");
            default ->
                throw new AssertionError(
                        "a request is answered by " + answer.status() + ": " + TestTrades.reason(answer));
        };
    }

    /// Its instance asks for another one.
    private void child(String guid) {
        var state = random.nextInt(4) == 0 ? RequestedState.DESTROYED : RequestedState.STARTED;
        var wanted = wanted("database", state, Map.of(), Map.of());
        var sent = link.send(
                guid + " wants database " + state, master -> master.request(new Requester.Instance(guid), wanted));
        sent.answer()
                .map(Answer::status)
                .filter(status -> status != 200 && status != 408 && status != 403 && status != 404 && status != 409)
                .ifPresent(status -> {
                    throw new AssertionError("an instance's request is answered by " + status);
                });
    }

    private static InstanceRequest wanted(
            String title, RequestedState state, Map<String, String> parameters, Map<String, String> conditions) {
        return new InstanceRequest(
                TestTrades.HELLO,
                "default",
                title,
                false,
                parameters,
                conditions,
                Optional.of(state),
                Optional.empty(),
                Optional.empty());
    }
}
