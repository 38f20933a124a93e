#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "market/signing.hpp"
#include "wallet/cli/agreements.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/model_names.hpp"

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

namespace codec = ledger::codec;

ledger::Hash digest_of(const market::Network& network, const market::HostingAgreement& agreement)
{
    return ledger::eip712::digest(network.transactions, ledger::eip712::struct_hash(agreement));
}

void offer(const Session& session, const market::HostingAgreement& terms, const std::string& out)
{
    const auto network = session.network();
    const auto key = session.unlock(session.account());
    const auto document = agreement_json(*network, terms, key);
    if (!out.empty()) write_output(out, document.dump(2) + "\n");
    session.show(document, [&] {
        if (out.empty())
            std::cout << document.dump(2) << "\n";
        else
            std::cout << "written to " << out << "; the other side: millrace model agree accept "
                      << out << "\n";
    });
}

void accept(Session& session, const std::string& path)
{
    const auto bytes = read_input(path, 64 * 1024);
    const auto document = must(codec::parse_json(ledger::as_text(bytes)));
    const auto network = session.network();
    if (!document.is_object() ||
        document.value("network", json{}) != ledger::to_hex0x(network->genesis_id.view()))
        fail(Fault::usage, path + " is no agreement of this network");
    const auto agreement = must(codec::from_json<market::HostingAgreement>(document["agreement"]));
    const auto signer = must(codec::from_json<ledger::Address>(document["signer"]));
    const auto signature = must(codec::from_json<ledger::Signature>(document["signature"]));
    if (!market::signed_by(signer, digest_of(*network, agreement), signature))
        fail(Fault::unverified, "the signature in " + path + " does not hold");
    session.note("model    " + ledger::to_hex0x(agreement.model.view()) + " version " +
                 std::to_string(agreement.ver.value) + "\nhost     " +
                 ledger::to_checksum(agreement.host) + "\nshare    " +
                 std::to_string(agreement.host_ppm.value) + " ppm");
    session.confirm("Accept this agreement?");
    session.transact(market::ModelHost{agreement, signature}, "agreed");
}

/// Owner and host are one account, or both keys are in the store.
void host_here(Session& session, const market::HostingAgreement& terms)
{
    const auto model = session.record<market::Model>(terms.model);
    if (!model) fail(Fault::not_found, "no such model");
    if (model->owner == terms.host) return session.transact(market::ModelHost{terms, {}}, "hosted");
    const auto sender = session.account().address;
    const auto other = sender == terms.host ? model->owner : terms.host;
    if (!session.has_key(other))
        fail(Fault::not_found, "the key of " + ledger::to_checksum(other) +
                                   " is not here; use: millrace model agree offer");
    const auto key = session.unlock(must(session.keys().find(ledger::to_checksum(other))));
    session.transact(market::ModelHost{terms, sign_agreement(*session.network(), terms, key)},
                     "hosted");
}

}  // namespace

ledger::Signature sign_agreement(const market::Network& network,
                                 const market::HostingAgreement& agreement,
                                 const ledger::SecretKey& key)
{
    return ledger::sign(key, digest_of(network, agreement));
}

json agreement_json(const market::Network& network, const market::HostingAgreement& agreement,
                    const ledger::SecretKey& key)
{
    return {{"network", ledger::to_hex0x(network.genesis_id.view())},
            {"agreement", codec::to_json(agreement)},
            {"signer", ledger::to_checksum(ledger::address_of(key))},
            {"signature", ledger::to_hex0x(sign_agreement(network, agreement, key).view())}};
}

void add_agree_commands(CLI::App& model, Session& session)
{
    struct Options {
        std::string model, ver, host, out, file;
        std::uint32_t ppm = 100'000;
        std::uint64_t until = 0;
    };
    auto options = std::make_shared<Options>();
    auto* group = model.add_subcommand("agree", "Agree between owner and host");
    group->require_subcommand(1);

    auto* make = group->add_subcommand("offer", "Sign an agreement for the other side to accept");
    make->footer(
        "Either side offers, the other accepts.\n"
        "Example: millrace --account owner model agree offer digits --host 0x... --out a.json");
    make->add_option("MODEL", options->model, "NAME, OWNER/NAME or id")->required();
    make->add_option("--ver", options->ver, "number or alias (latest)");
    make->add_option("--host", options->host, "name or address")->required();
    make->add_option("--host-ppm", options->ppm, "the host's share of what is minted")
        ->check(CLI::Range(0, 1'000'000));
    make->add_option("--until", options->until, "Unix seconds; 0 for no end");
    make->add_option("--out", options->out, "write it to this file");
    make->callback([=, &session] {
        const auto id = model_of(session, options->model);
        const auto ver = version_of(session, id, options->ver);
        const auto host = session.address_of(options->host);
        offer(session,
              {id, ver, host, {options->ppm}, options->until, next_serial(session, id, ver, host)},
              options->out);
    });

    auto* both = model.add_subcommand("host", "Agree on hosting when both keys are here");
    both->add_option("MODEL", options->model, "NAME, OWNER/NAME or id")->required();
    both->add_option("--ver", options->ver, "number or alias (latest)");
    both->add_option("--host", options->host, "name or address; the account's own when left out");
    both->add_option("--host-ppm", options->ppm, "the host's share of what is minted")
        ->check(CLI::Range(0, 1'000'000));
    both->add_option("--until", options->until, "Unix seconds; 0 for no end");
    both->callback([=, &session] {
        const auto id = model_of(session, options->model);
        const auto ver = version_of(session, id, options->ver);
        const auto host =
            options->host.empty() ? session.account().address : session.address_of(options->host);
        host_here(
            session,
            {id, ver, host, {options->ppm}, options->until, next_serial(session, id, ver, host)});
    });

    auto* take = group->add_subcommand("accept", "Accept an agreement: puts it on the ledger");
    take->add_option("FILE", options->file, "from the other side")->required();
    take->callback([=, &session] { accept(session, options->file); });
}

}  // namespace wallet::cli
