package org.slapos.cli.verbs;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slapos.protocol.client.SlapClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slapos product set`.
@Command(
        description = {
            "Says more of a product: an alias, what an instance of a type weighs, when a release becomes effective.",
            "A product is made when a release of it is supplied; its name is the folder of its profile. For who operates",
            "its project, or supplies it on a Computer of his own."
        },
        footer = {
            "",
            "Examples:",
            "  slapos product set mariadb --alias MySQL       'slapos request db MySQL' is the newest effective release",
            "  slapos product set kvm --type large --weight 4",
            "  slapos product set kvm --release https://.../kvm/software.cfg --from 2027-01-01T00:00:00Z"
        })
final class ProductSetVerb extends Verb {
    @Parameters(index = "0", paramLabel = "PRODUCT", description = "Its name, such as mariadb.")
    private String product = "";

    @Option(names = "--alias", paramLabel = "NAME", description = "A name for its newest effective release.")
    private @Nullable String alias;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description = "The type that the alias means, or that the weight is of.")
    private @Nullable String type;

    @Option(names = "--weight", paramLabel = "N", description = "What an instance takes of a Computer's capacity.")
    private @Nullable Integer weight;

    @Option(names = "--release", paramLabel = "URL", description = "A release of it that becomes effective, at --from.")
    private @Nullable String release;

    @Option(names = "--from", paramLabel = "MOMENT", description = "Such as 2027-01-01T00:00:00Z.")
    private @Nullable String from;

    @Override
    public int call() throws IOException {
        try (var master = connect()) {
            var call = SlapClient.parameters().put("title", product);
            if (alias != null) {
                call.put("alias", alias);
            }
            if (type != null) {
                call.put("software_type", type);
            }
            if (weight != null) {
                call.put("weight", weight);
            }
            if (release != null) {
                call.put("software_release_uri", release);
            }
            if (from != null) {
                call.put("effective_date", from);
            }
            var answer = master.json("slapos.put.v0.software_product", call);
            print(
                    new Found(
                            () -> answer,
                            () -> new Table("", "").row(answer.path("title").asText()),
                            List.of(product)),
                    () -> log().info(answer.path("title").asText() + "."));
            return ExitStatus.OK;
        }
    }
}
