package org.slapos.protocol;

import java.util.Collection;
import java.util.Comparator;

/// The word that was probably meant: for messages about an unknown key, option or condition.
public final class NearestWord {
    /// What is longer was not meant to be a word.
    private static final int MAX_LENGTH = 50;

    private NearestWord() {}

    /// The known word with the fewest letters to add, leave out or exchange; of equals the first in the alphabet; empty
    /// when nothing is known.
    public static String of(String word, Collection<String> known) {
        var shortened = word.substring(0, Math.min(word.length(), MAX_LENGTH));
        return known.stream()
                .min(Comparator.<String>comparingInt(candidate -> distance(shortened, candidate))
                        .thenComparing(Comparator.naturalOrder()))
                .orElse("");
    }

    private static int distance(String a, String b) {
        var row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int exchanged = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(exchanged, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
