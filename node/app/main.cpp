#include "inference/telemetry.hpp"
#include "ledger/crypto/address.hpp"
#include "ledger/crypto/core_dumps.hpp"
#include "ledger/disk/folder_lock.hpp"
#include "node/app/commands.hpp"
#include "node/app/node.hpp"

#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include <cstdio>

/// The peer node. Exit codes: 0 done, 1 wrong usage, 2 configuration or home, 3 damaged data,
/// 4 the disk or the network refused.
int main(int argc, char** argv)
{
    ledger::keep_out_of_core_dumps();
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
        "verify",
        "Execute every block again and compare all that is stored, check every record of the "
        "journal of payments; the node must be off");
    common(verify);
    verify->footer(
        "Ends with 0 where everything is right, with 3 where a file or a record is damaged or "
        "missing, which it names, with 4 where the disk refuses, with 2 otherwise.");
    verify->add_flag("--json", options.json, "One JSON document on standard output");

    auto* exported = app.add_subcommand("export", "Write blocks as JSON, one a line");
    common(exported);
    auto* from = exported->add_option("--from", options.from,
                                      "First height; when left out the oldest that is there");
    exported->add_option("--to", options.to, "Last height; the newest when left out");
    exported->add_option("--out", options.out, "File to write; standard output when left out");

    auto* snapshot = app.add_subcommand(
        "snapshot", "The whole state after one block, proven: written, checked, begun from");
    snapshot->require_subcommand(1);
    snapshot->footer(
        "Examples:\n"
        "  millraced snapshot create --home ~/node --out /backup/state\n"
        "  millraced snapshot verify --home ~/node /backup/state\n"
        "  millraced snapshot restore --home ~/fresh /backup/state");
    const auto of_snapshots = [&](const char* name, const char* what) {
        auto* command = snapshot->add_subcommand(name, what);
        common(command);
        command->add_flag("--json", options.json, "One JSON document on standard output");
        return command;
    };
    auto* create = of_snapshots("create", "Write one of the newest block; the node must be off");
    create->add_option("--out", options.out, "Folder to make; on the node's shelf when left out");
    auto* list = of_snapshots("list", "Those on the node's shelf, the newest first");
    auto* check = of_snapshots(
        "verify", "Prove one by the home's genesis document: finality, and every chunk");
    check->add_option("snapshot", options.snapshot,
                      "Its folder, or its height on the shelf; the newest when left out");
    auto* restore = of_snapshots("restore", "Let a home without a ledger begin with one, proven");
    restore->add_option("snapshot", options.snapshot, "Its folder")->required();

    auto* recover = app.add_subcommand(
        "recover", "Let a node go on after its log or its journal was lost or damaged");
    common(recover);
    recover->add_flag(
        "--accept-fork-risk", options.accept_fork_risk,
        "For the only validator of a network, whose log is lost: what was final in "
        "the lost part of it is given up, and followers that know of it stop. The log "
        "is set aside, not deleted");
    recover->add_flag(
        "--accept-journal-loss", options.accept_journal_loss,
        "For a host whose journal of payments is lost: vouchers that were not claimed "
        "are given up, channels count from what the ledger has paid, passes begin "
        "anew. A ceiling for which a receipt was given before may get another: whoever "
        "has both can dispute the claim, and the host's bond pays. To rule that out, "
        "give the host another key. What cannot be used is set aside, not deleted");
    recover->add_flag("--json", options.json, "One JSON document on standard output");

    auto* doctor = app.add_subcommand(
        "doctor", "Look for what is wrong, and say what to do; the node may be on or off");
    common(doctor);
    doctor->add_option("--set", options.set, "NAME=VALUE of config.json; may be repeated");
    doctor->add_flag("--json", options.json, "One JSON document on standard output");
    doctor->footer(
        "Each line is ok, warn or fail, a check, what was found, and below it what to do.\n"
        "Ends with 2 where anything fails, with 0 otherwise.");

    auto* config = app.add_subcommand("config", "Show the configuration in force");
    common(config);
    config->add_option("--set", options.set, "NAME=VALUE of config.json; may be repeated");

    auto* testnet = app.add_subcommand("testnet", "Make the homes of a network on this machine");
    testnet->footer(
        "Writes DIR/node0, DIR/node1, ... and DIR/network.json, which names them; prints the "
        "same.\n"
        "Node i serves HTTP on PORT + 10 i and peers on PORT + 10 i + 1.\n"
        "Example: millraced testnet --validators 4 --followers 1 --out net");
    testnet->add_option("--validators", options.testnet.validators, "1 to 128")
        ->capture_default_str();
    testnet->add_option("--followers", options.testnet.followers, "0 to 128")
        ->capture_default_str();
    testnet->add_option("--out", options.out, "Folder to make")->required();
    testnet->add_option("--name", options.testnet.network.name, "Name of the network")
        ->capture_default_str();
    testnet->add_flag("--credit", options.testnet.network.credit,
                      "Without a coin; two thirds of the validators' accounts govern");
    testnet->add_option("--base-port", options.testnet.base_port, "PORT")->capture_default_str();
    testnet->add_option("--balance", options.balances,
                        "ADDRESS=MICROS at genesis; may be repeated. Without any, node0's account "
                        "holds 1,000,000 tokens");
    testnet->add_flag("--account-per-node", options.testnet.account_per_node,
                      "Every node's account holds 1,000,000 tokens");
    testnet->add_option("--issuer", options.issuers,
                        "Issuer of credit; may be repeated. Without any: the validators' accounts");

    const auto asks = [&](CLI::App* command) {
        common(command);
        command->add_option("--node", options.node, "URL of the node instead of the home's");
        command->add_flag("--json", options.json, "One JSON document on standard output");
    };
    auto* peers = app.add_subcommand("peers", "The peers of the running node");
    asks(peers);
    auto* validator = app.add_subcommand("validator", "Keys of a validator, and how it does");
    validator->require_subcommand(1);
    auto* show = validator->add_subcommand("show", "The public keys of a home, as JSON");
    common(show);
    auto* pop = validator->add_subcommand(
        "pop", "Prove that the home's validator key is an account's, for millrace validator");
    common(pop);
    pop->add_option("--account", options.account, "Address; the home's own account when left out");
    auto* status = validator->add_subcommand("status", "What the running node says of consensus");
    asks(status);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 1;
    }
    options.from_given = from->count() != 0;
    if (*init) return node::init_command(options);
    if (*run) return node::run_command(options);
    if (*verify) return node::verify_command(options);
    if (*exported) return node::export_command(options);
    if (*create) return node::snapshot_create_command(options);
    if (*list) return node::snapshot_list_command(options);
    if (*check) return node::snapshot_verify_command(options);
    if (*restore) return node::snapshot_restore_command(options);
    if (*recover) return node::recover_command(options);
    if (*doctor) return node::doctor_command(options);
    if (*testnet) return node::testnet_command(options);
    if (*peers) return node::peers_command(options);
    if (*show) return node::validator_show_command(options);
    if (*pop) return node::validator_pop_command(options);
    if (*status) return node::validator_status_command(options);
    return node::config_command(options);
}
