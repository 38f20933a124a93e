#include "wallet/cli/drafts.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/eip712.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/hash.hpp"

#include <iostream>
#include <memory>
#include <variant>

namespace wallet::cli {
namespace {

namespace codec = ledger::codec;

json draft_json(const Session& session, const market::Message& message)
{
    return {{"network", ledger::to_hex0x(session.network()->genesis_id.view())},
            {"message", market::message_json(message)}};
}

market::Message message_in(const Session& session, const std::string& path)
{
    const auto bytes = read_input(path, 1 << 20);
    const auto document = must(codec::parse_json(ledger::as_text(bytes)));
    if (!document.is_object() || !document.contains("message") ||
        document.value("network", json{}) != ledger::to_hex0x(session.network()->genesis_id.view()))
        fail(Fault::usage, path + " is no draft for this network");
    return must(market::message_from_json(document["message"]));
}

/// Adds the account's signature of the terms to the draft.
void approve(const Session& session, const std::string& path, const std::string& group)
{
    auto message = message_in(session, path);
    const auto network = session.network();
    session.note(market::message_json(message).dump(2));
    session.confirm("Approve this?");
    const auto key = session.unlock(session.account());
    std::visit(
        [&](auto& sent) {
            if constexpr (requires { sent.approvals; }) {
                const auto digest = ledger::eip712::digest(network->transactions,
                                                           ledger::eip712::struct_hash(sent.terms));
                sent.approvals.push_back(ledger::sign(key, digest));
            } else {
                fail(Fault::usage, path + " is nothing that several approve");
            }
        },
        message);
    const auto document = draft_json(session, message);
    write_output(path, document.dump(2) + "\n");
    session.show(document, [&] {
        std::cout << "approved; the one who sends it: millrace " << group << " send " << path
                  << "\n";
    });
}

}  // namespace

ledger::Hash reference_of(const std::string& text)
{
    if (const auto id = ledger::id_from_hex<ledger::Hash>(text); id && text.starts_with("0x"))
        return *id;
    return ledger::sha256(ledger::as_bytes(text));
}

void send_or_draft(Session& session, const market::Message& message, const std::string& draft,
                   const std::string& group, const std::string& what)
{
    if (draft.empty()) return session.transact(message, what);
    const auto document = draft_json(session, message);
    write_output(draft, document.dump(2) + "\n");
    session.show(document, [&] {
        std::cout << "written to " << draft << "; each who must approve: millrace " << group
                  << " approve " << draft << "\n";
    });
}

void add_draft_commands(CLI::App& group, Session& session, const std::string& who)
{
    auto file = std::make_shared<std::string>();
    const auto name = group.get_name();
    group.footer("Where several " + who + "s must agree: --draft FILE, then `" + name +
                 " approve FILE` by each\nother " + who + ", then `" + name + " send FILE`.");

    auto* agree = group.add_subcommand("approve", "Add your signature to a draft");
    agree->add_option("FILE", *file)->required();
    agree->callback([=, &session] { approve(session, *file, name); });

    auto* send = group.add_subcommand("send", "Send an approved draft");
    send->add_option("FILE", *file)->required();
    send->callback([=, &session] {
        const auto message = message_in(session, *file);
        session.transact(message, "sent " + std::string{market::name_of(message)});
    });
}

}  // namespace wallet::cli
