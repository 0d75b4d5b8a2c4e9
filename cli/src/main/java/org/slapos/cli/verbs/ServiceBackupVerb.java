package org.slapos.cli.verbs;

import java.io.IOException;
import org.slapos.protocol.jsonrpc.InstanceCall;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `slapos service backup`.
@Command(
        description = {
            "Says where an instance keeps its backup. The Master remembers it, and gives it to whatever is built in the",
            "instance's place later, as the parameter backup_url.",
            "An instance may say it itself, by the JSON method slapos.put.v0.software_instance_backup_url."
        },
        footer = {
            "",
            "Examples:",
            "  slapos service backup blog https://backup.example/blog/",
            "  slapos service backup SOFTINST-7 ''      it keeps none any more"
        })
final class ServiceBackupVerb extends Verb {
    @Parameters(index = "0", paramLabel = "INSTANCE", description = "Your name for it, or its reference SOFTINST-n.")
    private String instance = "";

    @Parameters(index = "1", paramLabel = "URL", description = "An absolute URL; empty for none.")
    private String url = "";

    @Override
    public int call() throws IOException {
        try (var master = connect()) {
            master.json(new InstanceCall.BackUp(ExplainVerb.guid(master, instance), url));
            log().info(url.isEmpty() ? instance + " keeps no backup." : instance + " keeps its backup at " + url);
            return ExitStatus.OK;
        }
    }
}
