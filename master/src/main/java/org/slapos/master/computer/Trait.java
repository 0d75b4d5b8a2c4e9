package org.slapos.master.computer;

/// One [Characteristic]'s value.
public sealed interface Trait {
    /// As it is written.
    String text();

    /// @param path from the root of its tree, such as `europe/west/france`
    record Label(String path) implements Trait {
        @Override
        public String text() {
            return path;
        }

        /// Whether it is that one or lies below it: France is in Europe.
        public boolean isWithin(String wanted) {
            return path.equals(wanted) || path.startsWith(wanted + "/");
        }
    }

    record Amount(Quantity quantity) implements Trait {
        @Override
        public String text() {
            return quantity.toString();
        }
    }
}
