#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "wallet/cli/commands.hpp"

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

void show_host(const Session& session, const std::string& who)
{
    const auto address = who.empty() ? session.account().address : session.address_of(who);
    const auto document = must(session.client().get("/v1/hosts/" + ledger::to_checksum(address)));
    session.show(document, [&] {
        const auto bond = must(ledger::codec::from_json<ledger::Amount>(document["bond"]));
        std::cout << "host      " << ledger::to_checksum(address) << "\nendpoint  "
                  << document["endpoint"].get<std::string>() << "\nbond      " << tokens(bond)
                  << "\n";
        for (const auto& key : document["keys"])
            std::cout << "key       " << key["key"].get<std::string>()
                      << (key["retiredMs"] == 0 ? "" : " (retired)") << "\n";
    });
}

}  // namespace

void add_host_commands(CLI::App& app, Session& session)
{
    auto* group = app.add_subcommand("host", "Serve models for others");
    group->require_subcommand(1);
    struct Options {
        std::string endpoint, bond, key, who, change;
    };
    auto options = std::make_shared<Options>();

    auto* enter = group->add_subcommand("register", "Become a host, or change endpoint and bond");
    enter->footer(
        "The key signs receipts and claims; it is the node's, see its configuration.\n"
        "Example: millrace --account host host register --endpoint http://host:8700 "
        "--bond 10 --key 0x...");
    enter->add_option("--endpoint", options->endpoint, "URL under which callers reach the node")
        ->required();
    enter->add_option("--bond", options->bond, "tokens to lock; added to what is locked")
        ->required();
    enter->add_option("--key", options->key, "name or address; the account's own when left out");
    enter->callback([=, &session] {
        const auto key =
            options->key.empty() ? session.account().address : session.address_of(options->key);
        session.transact(
            market::HostRegister{options->endpoint, amount_of(options->bond, "--bond"), key},
            "registered as host at " + options->endpoint);
    });

    auto* key = group->add_subcommand("key", "Add or retire a key that signs receipts and claims");
    key->add_option("CHANGE", options->change, "add or retire")
        ->required()
        ->check(CLI::IsMember({"add", "retire"}));
    key->add_option("KEY", options->key, "name or address")->required();
    key->callback([=, &session] {
        const auto change =
            options->change == "add" ? market::KeyChange::add : market::KeyChange::retire;
        session.transact(market::HostKey{change, session.address_of(options->key)},
                         options->change + " host key");
    });

    group->add_subcommand("unbond", "Start the way out: no new deposits from here on")
        ->callback([&session] {
            session.confirm("This ends new business for the host. Go on?");
            session.transact(market::HostUnbond{}, "unbonding");
        });
    group->add_subcommand("withdraw", "Take the bond back after the unbonding time")
        ->callback([&session] { session.transact(market::HostUnbondFinal{}, "bond returned"); });

    auto* look = group->add_subcommand("show", "A host's endpoint, bond and keys");
    look->add_option("HOST", options->who, "name or address; yours when left out");
    look->callback([=, &session] { show_host(session, options->who); });
}

}  // namespace wallet::cli
