package org.slapos.master.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DatabaseAddressTest {
    @Test
    void aUrlWithALoginIsTakenApart() {
        var address = DatabaseAddress.parse("postgresql://me:p%40ss+word@db.example:5433/cloud?sslmode=require");
        assertThat(address)
                .isEqualTo(new DatabaseAddress(
                        "jdbc:postgresql://db.example:5433/cloud?sslmode=require", "me", "p@ss+word"));
    }

    @Test
    void aPasswordIsNeverPrinted() {
        assertThat(DatabaseAddress.parse("postgresql://me:secret@h/d"))
                .asString()
                .doesNotContain("secret");
        var jdbc = DatabaseAddress.parse("jdbc:postgresql://h/d?user=me&password=secret&sslmode=require");
        assertThat(jdbc).isEqualTo(new DatabaseAddress("jdbc:postgresql://h/d?sslmode=require", "me", "secret"));
        assertThat(jdbc).asString().doesNotContain("secret");
        assertThatThrownBy(() -> DatabaseAddress.parse("postgresql://me:secret{@h/d"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no URL from its character")
                .hasMessageNotContaining("secret");
    }

    @Test
    void anotherKindOfUrlIsRefused() {
        assertThatThrownBy(() -> DatabaseAddress.parse("mysql://h/d")).hasMessageContaining("postgresql://");
    }
}
