#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "wallet/cli/commands.hpp"

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

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
        proven = must(session.proofs().state(market::state_key<market::Account>(address)));
        session.keep_checkpoint();
        market::Account account;
        if (proven->value) account = must(ledger::codec::decode<market::Account>(*proven->value));
        info.balance = account.balance;
        info.locked = account.locked;
        document["balance"] = ledger::codec::to_json(account.balance);
        document["locked"] = ledger::codec::to_json(account.locked);
        document["verified"] = true;
        document["proof"] = proof_json(proven->block);
        document["proof"]["siblings"] = proven->siblings;
    }
    session.show(document, [&] {
        std::cout << "address  " << ledger::to_checksum(address) << "\nbalance  "
                  << tokens(info.balance) << "\nlocked   " << tokens(info.locked)
                  << " (deposits for entries on the ledger)\nnonce    " << info.nonce.value << "\n";
        if (proven)
            std::cout << "proof    balance and locked hold after " << proof_text(proven->block)
                      << "\n";
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
                   "check it against the trusted checkpoint, whoever the node is");
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
