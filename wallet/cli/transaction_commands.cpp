#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "wallet/cli/commands.hpp"

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

constexpr std::size_t largest_file = 1 << 20;

ledger::TxId id_of(const std::string& text)
{
    const auto id = ledger::id_from_hex<ledger::TxId>(text);
    if (!id) fail(Fault::usage, "a transaction id is 0x and 64 hex digits");
    return *id;
}

void print(const SentTransaction& sent)
{
    std::cout << "id      " << ledger::to_hex0x(sent.id.view()) << "\n";
    if (!sent.height) {
        std::cout << "status  accepted, not final\n";
        return;
    }
    std::cout << "block   " << sent.height->value << ", number " << sent.index << "\n";
    if (!sent.receipt) return;
    const auto& receipt = *sent.receipt;
    if (receipt.status == market::Status::applied)
        std::cout << "status  applied\n";
    else
        std::cout << "status  refused: " << in_words(receipt.rejection) << "\n";
    std::cout << "fee     " << tokens(receipt.fee) << "\n";
    for (const auto& event : receipt.events)
        std::cout << "event   " << ledger::codec::enum_name(event.kind) << " "
                  << tokens(event.amount)
                  << (event.account.is_zero() ? "" : " " + ledger::to_checksum(event.account))
                  << (event.subject.is_zero() ? "" : " " + ledger::to_hex0x(event.subject.view()))
                  << "\n";
}

template <class T>
T shown_member(const json& shown, const char* name)
{
    const auto found = shown.find(name);  // the end when it is no object
    auto value = found == shown.end() ? ledger::Result<T>{ledger::Error{}}
                                      : ledger::codec::from_json<T>(*found);
    if (!value) fail(Fault::unverified, std::string{"the node's transaction has no good "} + name);
    return std::move(*value);
}

/// That a transaction, as the node shows it, is the one with this id: the id is its digest.
void check_shown(const market::Network& network, const json& shown, const ledger::TxId& id)
{
    const auto message =
        market::message_from_json(shown.is_object() ? shown.value("message", json{}) : json{});
    if (!message) fail(Fault::unverified, "the node's transaction has no good message");
    const auto envelope = market::make_transaction(
        shown_member<ledger::Address>(shown, "sender"), shown_member<ledger::Lane>(shown, "lane"),
        shown_member<ledger::Nonce>(shown, "nonce"), shown_member<ledger::Amount>(shown, "fee"),
        shown_member<std::uint64_t>(shown, "validUntil"), *message);
    if (market::transaction_id(network.transactions, envelope, *message) != id)
        fail(Fault::unverified, "the node shows another transaction than the one asked for");
}

/// Puts what is proven in the place of what the node says.
SentTransaction verify(const Session& session, json& document, const ledger::TxId& id)
{
    if (document.value("status", "") != "final")
        fail(Fault::timeout, "the transaction is not final: there is nothing to prove yet");
    const auto proven = must(session.proofs().receipt(id));
    session.keep_checkpoint();
    if (document.contains("tx")) check_shown(*session.network(), document["tx"], id);
    SentTransaction sent{id, proven.block.header.height, proven.index, proven.receipt};
    const auto shown = to_json(sent);
    document.update(shown);
    document["verified"] = true;
    document["proof"] = proof_json(proven.block);
    session.note("verified: after " + proof_text(proven.block));
    return sent;
}

struct Looking {
    std::string text;
    bool verify = false;
};

void show(const Session& session, const Looking& what, bool wait)
{
    const auto id = id_of(what.text);
    const auto target = "/v1/transactions/" + ledger::to_hex0x(id.view()) +
                        (wait ? "?wait=final&timeout_s=" +
                                    std::to_string(std::clamp(session.settings.wait, 1u, 60u))
                              : "");
    auto answer = session.client().get(target);
    if (wait && !answer && answer.error().fault == Fault::not_found)
        fail(Fault::timeout, "not final within " + std::to_string(session.settings.wait) + " s");
    auto document = must(std::move(answer));
    const auto sent =
        what.verify ? verify(session, document, id) : must(session.client().transaction(id, 0));
    session.show(document, [&] {
        print(sent);
        if (document.contains("tx")) std::cout << document["tx"].dump(2) << "\n";
    });
}

void submit(const Session& session, const std::string& path)
{
    const auto bytes = read_input(path, largest_file);
    std::string text{ledger::as_text(bytes)};
    if (const auto parsed = ledger::codec::parse_json(text); parsed && parsed->is_object()) {
        if (!parsed->contains("tx") || !(*parsed)["tx"].is_string())
            fail(Fault::usage, path + " has no member tx");
        text = (*parsed)["tx"].get<std::string>();
    }
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    const auto encoded = ledger::from_hex(text);
    if (!encoded) fail(Fault::usage, path + " holds no signed transaction");
    const auto sent = session.submit(*encoded);
    session.show(to_json(sent), [&] { print(sent); });
}

void sign(Session& session, const std::string& path)
{
    const auto bytes = read_input(path, largest_file);
    const auto parsed = must(ledger::codec::parse_json(ledger::as_text(bytes)));
    const auto message = must(market::message_from_json(
        parsed.is_object() && parsed.contains("message") ? parsed["message"] : parsed));
    session.transact(message, "sent " + std::string{market::name_of(message)});
}

}  // namespace

void add_transaction_commands(CLI::App& app, Session& session)
{
    auto* group = app.add_subcommand("tx", "Look at, sign and send transactions");
    group->require_subcommand(1);
    auto text = std::make_shared<std::string>();

    auto looking = std::make_shared<Looking>();
    const auto common = [&](CLI::App* command) {
        command->add_option("ID", looking->text)->required();
        command->add_flag("--verify", looking->verify,
                          "check transaction and receipt against the trusted checkpoint");
    };
    auto* look = group->add_subcommand("show", "A final transaction with its receipt");
    common(look);
    look->callback([=, &session] { show(session, *looking, false); });

    auto* wait = group->add_subcommand("wait", "The same, waiting up to --wait seconds for it");
    common(wait);
    wait->callback([=, &session] { show(session, *looking, true); });

    auto* send = group->add_subcommand("submit", "Send what was signed with --offline");
    send->footer(
        "Example:\n  millrace --offline tx.json --genesis genesis.json --nonce 7 send bob 1\n"
        "  millrace tx submit tx.json");
    send->add_option("FILE", *text, "or - for stdin")->required();
    send->callback([=, &session] { submit(session, *text); });

    auto* make = group->add_subcommand("sign", "Sign any message given as JSON, and send it");
    make->footer(
        "The message is as in a block: {\"type\":\"Transfer\",\"to\":\"0x...\","
        "\"amount\":\"1000000\"}. Amounts there are millionths.");
    make->add_option("FILE", *text, "or - for stdin")->required();
    make->callback([=, &session] { sign(session, *text); });
}

}  // namespace wallet::cli
