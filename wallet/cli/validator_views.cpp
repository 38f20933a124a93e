#include "wallet/cli/validator_views.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"

#include <iomanip>
#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

namespace codec = ledger::codec;
using market::EpochRecord;
using market::EpochState;
using market::ValidatorOf;
using market::ValidatorRecord;

json validator_json(const KnownValidator& validator)
{
    auto document = codec::to_json(validator.record);
    document["consensusKey"] = ledger::to_hex0x(validator.key.view());
    return document;
}

KnownValidator validator_of_key(const Session& session, const ledger::ConsensusKey& key)
{
    auto record = session.record<ValidatorRecord>(key);
    if (!record) fail(Fault::not_found, "no validator has the key " + ledger::to_hex0x(key.view()));
    return {key, std::move(*record)};
}

void list_validators(const Session& session)
{
    const auto state = session.record<EpochState>({});
    const auto epoch = state ? session.record<EpochRecord>(state->epoch) : std::nullopt;
    if (!epoch) fail(Fault::unverified, "the state names no validators");
    std::vector<KnownValidator> validators;
    for (const auto& member : epoch->set)
        validators.push_back(validator_of_key(session, member.consensus_key));
    auto rows = json::array();
    for (const auto& validator : validators) rows.push_back(validator_json(validator));
    const json document{{"epoch", state->epoch},
                        {"validators", std::move(rows)},
                        {"waiting", codec::to_json(state->changes)}};
    session.show(document, [&] {
        std::cout << "epoch " << state->epoch << "\n"
                  << std::left << std::setw(44) << "account" << std::setw(10) << "power"
                  << std::setw(20) << "stake"
                  << "status\n";
        for (const auto& [key, record] : validators)
            std::cout << std::setw(44) << ledger::to_checksum(record.account) << std::setw(10)
                      << record.power << std::setw(20) << tokens(record.stake)
                      << codec::enum_name(record.status) << "\n";
        for (const auto& change : state->changes)
            std::cout << "waits: " << ledger::to_hex0x(change.consensus_key.view()) << " to power "
                      << change.power << "\n";
    });
}

void show_validator(const Session& session, const std::string& who)
{
    const auto found =
        find_validator(session, who.empty() ? ledger::to_checksum(session.account().address) : who);
    if (!found)
        fail(Fault::not_found,
             "the account is no validator; by consensus key its past is found too");
    const auto& [key, record] = *found;
    session.show(validator_json(*found), [&] {
        std::cout << "account    " << ledger::to_checksum(record.account) << "\nstatus     "
                  << codec::enum_name(record.status) << "\npower      " << record.power
                  << "\nstake      " << tokens(record.stake) << "\npayout     "
                  << ledger::to_checksum(record.payout) << "\nconsensus  "
                  << ledger::to_hex0x(key.view()) << "\npeer       "
                  << ledger::to_hex0x(record.peer_key.view()) << "\n";
        for (const auto& part : record.unbonding)
            std::cout << "unbonding  " << tokens(part.amount) << " until " << part.end_ms / 1000
                      << " (Unix seconds of block time)\n";
    });
}

}  // namespace

std::optional<KnownValidator> find_validator(const Session& session, const std::string& who)
{
    if (const auto key = ledger::id_from_hex<ledger::ConsensusKey>(who);
        key && who.starts_with("0x"))
        return validator_of_key(session, *key);
    const auto of = session.record<ValidatorOf>(session.address_of(who));
    if (!of) return std::nullopt;
    return validator_of_key(session, of->consensus_key);
}

void add_validator_views(CLI::App& group, Session& session)
{
    group.add_subcommand("list", "The present validators, and the changes that wait")
        ->callback([&session] { list_validators(session); });
    auto who = std::make_shared<std::string>();
    auto* look = group.add_subcommand("show", "One validator: power, stake, keys, what unbonds");
    look->add_option("VALIDATOR", *who,
                     "account (name or address) or consensus key; yours when left out");
    look->callback([=, &session] { show_validator(session, *who); });
}

}  // namespace wallet::cli
