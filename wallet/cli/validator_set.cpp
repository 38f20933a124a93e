#include "wallet/cli/validator_set.hpp"

#include "ledger/codec/json.hpp"
#include "wallet/cli/drafts.hpp"
#include "wallet/cli/validator_keys.hpp"
#include "wallet/cli/validator_views.hpp"

#include <memory>

namespace wallet::cli {
namespace {

struct ValidatorSetOptions {
    std::vector<std::string> admit, power, remove;
    std::string payout, ref, draft;
};

/// "WHAT=POWER"
std::pair<std::string, std::uint64_t> split_power(const std::string& text, const char* option)
{
    const auto equals = text.rfind('=');
    const auto power = equals == std::string::npos
                           ? std::nullopt
                           : ledger::codec::parse_decimal(text.substr(equals + 1));
    if (!power || *power == 0)
        fail(Fault::usage, std::string{option} + " wants WHAT=POWER, not " + text);
    return {text.substr(0, equals), *power};
}

market::ValidatorChange admission(const Session& session, const std::string& text,
                                  const std::string& payout)
{
    const auto [path, power] = split_power(text, "--admit");
    const auto keys = validator_keys_from_file(*session.network(), path);
    return {keys.consensus_key,
            keys.peer_key,
            keys.account,
            payout.empty() ? keys.account : session.address_of(payout),
            power,
            keys.proof};
}

market::ValidatorChange change_of(const Session& session, const std::string& who,
                                  std::uint64_t power)
{
    const auto found = find_validator(session, who);
    if (!found) fail(Fault::not_found, who + " is no validator");
    const auto& record = found->record;
    return {found->key, record.peer_key, record.account, record.payout, power, {}};
}

void set(Session& session, const ValidatorSetOptions& options)
{
    market::ValidatorSetTerms terms;
    for (const auto& text : options.admit)
        terms.changes.push_back(admission(session, text, options.payout));
    for (const auto& text : options.power) {
        const auto [who, power] = split_power(text, "--power");
        terms.changes.push_back(change_of(session, who, power));
    }
    for (const auto& who : options.remove) terms.changes.push_back(change_of(session, who, 0));
    if (terms.changes.empty())
        fail(Fault::usage, "nothing to change: add --admit, --power or --remove");
    terms.ref = reference_of(options.ref);
    send_or_draft(session, market::ValidatorSet{terms, {}}, options.draft, "validator",
                  std::to_string(terms.changes.size()) + " changes taken");
}

}  // namespace

void add_validator_set_command(CLI::App& group, Session& session)
{
    auto options = std::make_shared<ValidatorSetOptions>();
    auto* change = group.add_subcommand("set", "Governors: admit, change and remove validators");
    change->footer(
        "Example: millrace -a gov validator set --admit new.json=1000 --remove 0x... "
        "--ref 'board 12' --draft d.json");
    change->add_option("--admit", options->admit,
                       "FILE=POWER; the file is what `millraced validator pop` printed");
    change->add_option("--power", options->power, "VALIDATOR=POWER: account or consensus key");
    change->add_option("--remove", options->remove, "account or consensus key");
    change->add_option("--payout", options->payout,
                       "who gets the fees of those admitted; their accounts when left out");
    change->add_option("--ref", options->ref, "0x-hash, or a text whose hash is kept; used once")
        ->required();
    change->add_option("--draft", options->draft, "write it for others to approve");
    change->callback([=, &session] { set(session, *options); });
    add_draft_commands(group, session, "governor");
}

}  // namespace wallet::cli
