#include "ledger/base/hex.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/validator_keys.hpp"
#include "wallet/cli/validator_set.hpp"
#include "wallet/cli/validator_views.hpp"

#include <memory>

namespace wallet::cli {
namespace {

constexpr std::size_t evidence_bytes = 48 * 1024;

struct ValidatorOptions {
    std::string home, proof, stake, payout, change, file;
    std::uint64_t delta = 0;
};

void join(Session& session, const ValidatorOptions& options)
{
    if (options.home.empty() == options.proof.empty())
        fail(Fault::usage, "one of --node-home and --proof says which keys");
    const auto network = session.network();
    const auto account = session.account().address;
    const auto keys = options.proof.empty()
                          ? validator_keys_of_home(*network, options.home, account)
                          : validator_keys_from_file(*network, options.proof);
    if (keys.account != account)
        fail(Fault::usage, options.proof + " is a proof for another account");
    const auto payout = options.payout.empty() ? account : session.address_of(options.payout);
    const auto stake = amount_of(options.stake, "--stake");
    session.transact(
        market::ValidatorJoin{keys.consensus_key, keys.peer_key, payout, stake, keys.proof},
        "joined with a stake of " + tokens(stake));
}

void send_evidence(Session& session, const std::string& path)
{
    const auto text = read_input(path, 2 * evidence_bytes + 3);
    auto digits = ledger::as_text(text);
    while (digits.ends_with('\n')) digits.remove_suffix(1);
    const auto evidence = ledger::from_hex(digits);
    if (!evidence || evidence->empty() || evidence->size() > evidence_bytes)
        fail(Fault::usage, path + " holds no evidence in hex");
    session.transact(market::ValidatorEvidence{*evidence}, "evidence taken");
}

}  // namespace

void add_validator_commands(CLI::App& app, Session& session)
{
    auto options = std::make_shared<ValidatorOptions>();
    auto* group = app.add_subcommand("validator", "Take part in making blocks");
    group->require_subcommand(1);
    add_validator_views(*group, session);

    auto* enter = group->add_subcommand("join", "Become a validator, with a stake");
    enter->footer(
        "The node's keys sign that they are this account's: --node-home reads them here, --proof "
        "is "
        "what\n`millraced validator pop --account ADDRESS` printed elsewhere.\n"
        "Example: millrace -a me validator join --node-home ~/node --stake 1000");
    enter->add_option("--node-home", options->home, "home of the node, on this machine");
    enter->add_option("--proof", options->proof, "file with the proof of another machine's node");
    enter->add_option("--stake", options->stake, "tokens; a multiple of the network's stakeUnit")
        ->required();
    enter->add_option("--payout", options->payout,
                      "who gets its blocks' fees: name or address; the account when left out");
    enter->callback([=, &session] { join(session, *options); });

    auto* power = group->add_subcommand("power", "Raise or lower your power");
    power->add_option("CHANGE", options->change, "raise takes stake from the balance")
        ->required()
        ->check(CLI::IsMember({"raise", "lower"}));
    power->add_option("DELTA", options->delta, "power; a stakeUnit each")
        ->required()
        ->check(CLI::PositiveNumber);
    power->callback([=, &session] {
        const auto change =
            options->change == "raise" ? market::PowerChange::raise : market::PowerChange::lower;
        session.transact(market::ValidatorPower{change, options->delta},
                         options->change + " power by " + std::to_string(options->delta));
    });

    group->add_subcommand("leave", "Start the way out: power ends with the next epoch")
        ->callback([&session] {
            session.confirm("The validator stops making blocks, and its stake unbonds. Go on?");
            session.transact(market::ValidatorLeave{}, "leaving");
        });
    group->add_subcommand("withdraw", "Take back the stake whose unbonding time is over")
        ->callback([&session] { session.transact(market::ValidatorWithdraw{}, "withdrawn"); });

    auto* guilty = group->add_subcommand("evidence", "Show that a validator broke the protocol");
    guilty->add_option("FILE", options->file, "evidence in hex, as a node writes it; - for stdin")
        ->required();
    guilty->callback([=, &session] { send_evidence(session, options->file); });

    add_validator_set_command(*group, session);
}

}  // namespace wallet::cli
