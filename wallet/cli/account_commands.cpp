#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "wallet/cli/commands.hpp"

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

json proof_json(const ProvenValue& proven)
{
    return {{"height", proven.proven.header.height.value},
            {"blockId", ledger::to_hex0x(proven.proven.id.view())},
            {"stateRoot", ledger::to_hex0x(proven.proven.header.state_root.view())},
            {"siblings", proven.siblings},
            {"signatures", proven.proven.signatures}};
}

void balance(const Session& session, const std::string& who, bool verify)
{
    const auto address = who.empty() ? session.account().address : session.address_of(who);
    auto info = must(session.client().account(address, {session.settings.lane}));
    json document{{"address", ledger::to_checksum(address)},
                  {"balance", ledger::codec::to_json(info.balance)},
                  {"locked", ledger::codec::to_json(info.locked)},
                  {"lane", session.settings.lane},
                  {"nonce", info.nonce.value},
                  {"host", info.host},
                  {"verified", false}};
    std::optional<ProvenValue> proven;
    if (verify) {
        const auto network = session.network();
        proven =
            must(prove(session.client(), *network, market::state_key<market::Account>(address)));
        market::Account account;
        if (proven->value) account = must(ledger::codec::decode<market::Account>(*proven->value));
        info.balance = account.balance;
        info.locked = account.locked;
        document["balance"] = ledger::codec::to_json(account.balance);
        document["locked"] = ledger::codec::to_json(account.locked);
        document["verified"] = true;
        document["proof"] = proof_json(*proven);
    }
    session.show(document, [&] {
        std::cout << "address  " << ledger::to_checksum(address) << "\nbalance  "
                  << tokens(info.balance) << "\nlocked   " << tokens(info.locked)
                  << " (deposits for entries on the ledger)\nnonce    " << info.nonce.value << "\n";
        if (proven)
            std::cout << "proof    holds under the state root of block "
                      << proven->proven.header.height.value << ", signed by "
                      << proven->proven.signatures << " of the genesis validators\n";
    });
}

}  // namespace

void add_account_commands(CLI::App& app, Session& session)
{
    struct Options {
        std::string who, to, amount;
        bool verify = false;
    };
    auto options = std::make_shared<Options>();

    auto* show = app.add_subcommand("balance", "What an account has");
    show->footer("Examples: millrace balance\n          millrace balance bob --verify");
    show->add_option("ACCOUNT", options->who, "name or address; yours when left out");
    show->add_flag("--verify", options->verify,
                   "check the proof against the state root and the validators of genesis");
    show->callback([=, &session] { balance(session, options->who, options->verify); });

    auto* send = app.add_subcommand("send", "Send tokens");
    send->footer("Example: millrace --account alice send bob 1.5");
    send->add_option("TO", options->to, "name or address")->required();
    send->add_option("AMOUNT", options->amount, "in tokens, at most 6 places")->required();
    send->callback([=, &session] {
        const auto to = session.address_of(options->to);
        const auto amount = amount_of(options->amount, "AMOUNT");
        session.transact(market::Transfer{to, amount},
                         "sent " + tokens(amount) + " to " + ledger::to_checksum(to));
    });
}

}  // namespace wallet::cli
