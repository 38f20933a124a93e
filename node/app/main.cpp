#include "inference/telemetry.hpp"
#include "ledger/crypto/address.hpp"
#include "ledger/store/folder_lock.hpp"
#include "node/app/commands.hpp"
#include "node/app/node.hpp"

#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include <cstdio>

/// The peer node. Exit codes: 0 done, 1 wrong usage, 2 configuration or home, 3 damaged data,
/// 4 the disk or the network refused.
int main(int argc, char** argv)
{
    inference::disable_telemetry();  // before anything can load the inference library

    CLI::App app{"millraced: the Millrace peer node"};
    app.set_version_flag("--version", std::string{node::node_version()});
    app.require_subcommand(1);
    app.footer(
        "Examples:\n"
        "  millraced init --home ~/node\n"
        "  millraced run --home ~/node --set http.port=8701\n"
        "  millraced verify --home ~/node\n\n"
        "Every member of config.json can also be set by --set NAME=VALUE or by the environment:\n"
        "http.publicUrl is MILLRACE_HTTP_PUBLIC_URL. Flags win over the environment, that over the "
        "file.");

    node::CommandOptions options;
    const char* home = std::getenv("HOME");
    options.home = std::string{home ? home : "."} + "/.millraced";
    const auto common = [&](CLI::App* command) {
        command->add_option("--home", options.home, "Folder of this node")
            ->envname("MILLRACE_NODE_HOME")
            ->capture_default_str();
    };

    auto* init = app.add_subcommand("init", "Make a home: keys, genesis document, configuration");
    common(init);
    init->add_option("--network", options.init.network,
                     "dev (a network of this node alone) or the path of a genesis document")
        ->capture_default_str();
    init->add_option("--new-network", options.init.new_network,
                     "Name of a new network with this node as its validator");
    init->add_flag("--credit", options.init.credit, "The new network is without a coin");
    init->add_option("--balance", options.balances,
                     "ADDRESS=MICROS at genesis; may be repeated. Without any, the node's account "
                     "holds 1,000,000 tokens");
    init->add_option("--validator-key", options.init.validator_key,
                     "Take over this key instead of drawing one: a file of 64 hex digits");
    init->add_option("--peer-key", options.init.peer_key, "The same for the key shown to peers");
    init->add_flag("--follower", options.init.follower,
                   "Follow the network of --network FILE without being one of its validators");
    init->add_option("--host-key", options.init.host_key, "The same for the host's key");
    init->add_option("--issuer", options.issuers, "Issuer of credit; may be repeated");

    auto* run = app.add_subcommand("run", "Run the node until SIGINT or SIGTERM");
    common(run);
    run->add_option("--set", options.set, "NAME=VALUE of config.json; may be repeated");
    run->add_option("--port-file", options.port_file,
                    "Write the port that HTTP listens on to this file once it does");

    auto* verify = app.add_subcommand(
        "verify", "Execute every block again and compare all that is stored; the node must be off");
    common(verify);
    verify->add_flag("--json", options.json, "One JSON document on standard output");

    auto* exported = app.add_subcommand("export", "Write blocks as JSON, one a line");
    common(exported);
    exported->add_option("--from", options.from, "First height")->capture_default_str();
    exported->add_option("--to", options.to, "Last height; the newest when left out");
    exported->add_option("--out", options.out, "File to write; standard output when left out");

    auto* recover = app.add_subcommand(
        "recover", "Let the only validator of a network go on after its log was lost or damaged");
    common(recover);
    recover->add_flag("--accept-fork-risk", options.accept_fork_risk,
                      "What was final in the lost part of the log is given up: followers that know "
                      "of it stop. The log is set aside, not deleted");
    recover->add_flag("--json", options.json, "One JSON document on standard output");

    auto* config = app.add_subcommand("config", "Show the configuration in force");
    common(config);
    config->add_option("--set", options.set, "NAME=VALUE of config.json; may be repeated");

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 1;
    }
    if (*init) return node::init_command(options);
    if (*run) return node::run_command(options);
    if (*verify) return node::verify_command(options);
    if (*exported) return node::export_command(options);
    if (*recover) return node::recover_command(options);
    return node::config_command(options);
}
