#include "wallet/cli/program.hpp"

#include "wallet/cli/commands.hpp"
#include "wallet/cli/dispute_command.hpp"

#include <iostream>

namespace wallet::cli {
namespace {

constexpr const char* description =
    "millrace - keys, signing and paid inference for a Millrace node.\n";

constexpr const char* footer =
    "Exit status: 0 done; 1 wrong usage; 2 refused by the rules; 3 not found; 4 no node there, or\n"
    "it is busy; 5 wrong passphrase or key; 6 a proof or signature does not hold; 7 timed out,\n"
    "asking again is safe; 8 payment refused; 9 anything else.\n"
    "Amounts on the command line are tokens with at most 6 places (1.5); in JSON they are exact\n"
    "strings of millionths. Settings come from the command line, then MILLRACE_... in the\n"
    "environment, then config.toml in the home (node = \"http://...\").\n"
    "Begin with: millrace key new NAME";

void add_settings(CLI::App& app, Settings& s)
{
    app.add_option("--node", s.node, "URL of the node, http or https")
        ->envname("MILLRACE_NODE")
        ->capture_default_str();
    app.add_option("--authorities", s.authorities,
                   "PEM file of who vouches for https nodes, instead of those the system trusts")
        ->envname("MILLRACE_AUTHORITIES");
    app.add_option("--home", s.home, "folder of keys and channels (~/.millrace)")
        ->envname("MILLRACE_HOME");
    app.add_option("--account,-a", s.account, "name or address of the key to use")
        ->envname("MILLRACE_ACCOUNT");
    app.add_flag("--json", s.json, "print one JSON document")->envname("MILLRACE_JSON");
    app.add_flag("--yes,-y", s.yes, "do not ask")->envname("MILLRACE_YES");
    app.add_option("--passphrase-file", s.passphrase_file,
                   "its first line is the passphrase; must be yours alone (chmod 600)")
        ->envname("MILLRACE_PASSPHRASE_FILE");
    app.add_option("--passphrase-fd", s.passphrase_fd, "the same from an open descriptor");
    app.add_option("--fee", s.fee, "tokens; the network's least when left out")
        ->envname("MILLRACE_FEE");
    app.add_option("--lane", s.lane, "sequence of nonces to use")->check(CLI::Range(0, 255));
    app.add_option("--nonce", s.nonce, "instead of asking the node for the next one");
    app.add_option("--valid-for", s.valid_for, "seconds until an unsent transaction is void")
        ->check(CLI::Range(0, 86'400));
    app.add_option("--wait", s.wait, "seconds to wait for a transaction; 0: do not wait")
        ->check(CLI::Range(0, 60))
        ->capture_default_str();
    app.add_option("--offline", s.offline,
                   "write the signed transaction to this file, ask no node; needs --nonce and "
                   "--genesis");
    app.add_flag("--old-checkpoint", s.old_checkpoint,
                 "verify from a checkpoint however old it is (see checkpoint --help)")
        ->envname("MILLRACE_OLD_CHECKPOINT");
    app.add_option("--genesis", s.genesis, "genesis document of the network, instead of the node's")
        ->envname("MILLRACE_GENESIS");
    // Scripts add to a command line what they want otherwise.
    for (auto* option : app.get_options())
        if (option->get_expected_max() == 1) option->take_last();
}

/// The config file is read before the rest, so where it is must be known first.
std::string config_file(int argc, const char* const* argv)
{
    std::string home;
    if (const char* set = std::getenv("MILLRACE_HOME")) home = set;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--home" && i + 1 < argc) home = argv[i + 1];
        if (word.starts_with("--home=")) home = word.substr(7);
    }
    if (home.empty())
        if (const char* user = std::getenv("HOME")) home = std::string{user} + "/.millrace";
    return home + "/config.toml";
}

/// Whether JSON is asked for by a command line, or a config file, that cannot be used: parsing it
/// ended before the settings were known, so this one is looked for alone.
bool wants_json(int argc, const char* const* argv, bool with_config = true)
{
    bool as_json = false;
    CLI::App app;
    app.set_help_flag();
    app.allow_extras();
    app.allow_config_extras(true);
    if (with_config) app.set_config("--config", config_file(argc, argv));
    app.add_flag("--json", as_json)->envname("MILLRACE_JSON")->take_last();
    try {
        app.parse(argc, argv);
    } catch (const CLI::Error&) {
        // The file may be what is wrong.
        return with_config && wants_json(argc, argv, false);
    }
    return as_json;
}

int report(const Failure& failure, bool as_json)
{
    const auto status = static_cast<int>(failure.fault);
    if (as_json) {
        json error{{"message", failure.message}, {"status", status}};
        if (!failure.detail.is_null()) error["detail"] = failure.detail;
        std::cout << json{{"error", error}}.dump(2, ' ', false, json::error_handler_t::replace)
                  << std::endl;
    }
    std::cerr << "millrace: " << failure.message << std::endl;
    return status;
}

}  // namespace

int run(int argc, const char* const* argv)
{
    Session session;
    try {
        CLI::App app{description, "millrace"};
        app.footer(footer);
        app.require_subcommand(1);
        app.fallthrough();
        app.set_version_flag("--version", "millrace 0.1.0");
        app.set_config("--config", config_file(argc, argv), "settings as NAME = VALUE");
        add_settings(app, session.settings);
        add_key_commands(app, session);
        add_account_commands(app, session);
        add_transaction_commands(app, session);
        add_block_commands(app, session);
        add_host_commands(app, session);
        add_model_commands(app, session);
        add_eval_command(app, session);
        add_train_command(app, session);
        add_channel_commands(app, session);
        add_dispute_command(app, session);
        add_infer_command(app, session);
        add_pass_commands(app, session);
        add_credit_commands(app, session);
        add_checkpoint_commands(app, session);
        add_validator_commands(app, session);
        add_master_commands(app, session);
        add_data_commands(app, session);
        add_gpu_commands(app, session);
        add_config_commands(app, session);
        try {
            app.parse(argc, argv);
        } catch (const CLI::Success& done) {
            return app.exit(done);
        } catch (const CLI::ParseError& wrong) {
            const int status = report({Fault::usage, wrong.what()}, wants_json(argc, argv));
            std::cerr << "More: millrace --help\n";
            return status;
        }
        return 0;
    } catch (const Failure& failure) {
        return report(failure, session.settings.json);
    } catch (const std::exception& problem) {
        return report({Fault::failed, problem.what()}, session.settings.json);
    }
}

}  // namespace wallet::cli
