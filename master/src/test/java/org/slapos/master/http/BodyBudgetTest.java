package org.slapos.master.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BodyBudgetTest {
    @Test
    void whatOneTakesIsMissingToOthersUntilItIsAnswered() {
        var budget = new BodyBudget(100);
        try (var second = budget.share()) {
            try (var first = budget.share()) {
                assertThat(first.take(80)).isTrue();
                assertThat(second.take(30)).isFalse();
                assertThat(second.take(20)).isTrue();
            }
            assertThat(second.take(80)).isTrue();
            assertThat(second.take(1)).isFalse();
        }
        try (var third = budget.share()) {
            assertThat(third.take(100)).as("all was given back").isTrue();
        }
    }
}
