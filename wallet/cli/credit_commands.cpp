#include "ledger/base/hex.hpp"
#include "ledger/codec/eip712.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "ledger/crypto/hash.hpp"
#include "wallet/cli/commands.hpp"

#include <iostream>
#include <memory>
#include <type_traits>

namespace wallet::cli {
namespace {

namespace codec = ledger::codec;

struct Options {
    std::string account, amount, ref, account_class = "bulk", draft, file;
    std::uint64_t bytes_per_day = 0;
    std::uint32_t period = 0;
};

/// A reference in hex, or the hash of a text such as an invoice's number.
ledger::Hash reference_of(const std::string& text)
{
    if (const auto id = ledger::id_from_hex<ledger::Hash>(text); id && text.starts_with("0x"))
        return *id;
    return ledger::sha256(ledger::as_bytes(text));
}

/// Sends at once, or writes what other issuers have to approve first.
void send_or_draft(Session& session, const market::Message& message, const Options& options,
                   const std::string& what)
{
    if (options.draft.empty()) return session.transact(message, what);
    const json document{{"network", ledger::to_hex0x(session.network()->genesis_id.view())},
                        {"message", market::message_json(message)}};
    write_output(options.draft, document.dump(2) + "\n");
    session.show(document, [&] {
        std::cout << "written to " << options.draft
                  << "; each other issuer: millrace credit approve " << options.draft << "\n";
    });
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
void approve(const Session& session, const std::string& path)
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
                fail(Fault::usage, path + " is nothing that issuers approve");
            }
        },
        message);
    const json document{{"network", ledger::to_hex0x(network->genesis_id.view())},
                        {"message", market::message_json(message)}};
    write_output(path, document.dump(2) + "\n");
    session.show(document, [&] {
        std::cout << "approved; the one who sends it: millrace credit send " << path << "\n";
    });
}

}  // namespace

void add_credit_commands(CLI::App& app, Session& session)
{
    auto options = std::make_shared<Options>();
    auto* group = app.add_subcommand("credit", "What issuers of a credit network do");
    group->require_subcommand(1);
    group->footer(
        "Where several issuers must agree: --draft FILE, then `credit approve FILE` by "
        "each other\nissuer, then `credit send FILE`.");
    const auto common = [&](CLI::App* command) {
        command
            ->add_option("--ref", options->ref, "0x-hash, or a text whose hash is kept; used once")
            ->required();
        command->add_option("--draft", options->draft, "write it for others to approve");
    };

    auto* issue = group->add_subcommand("issue", "Give an account credit");
    issue->add_option("TO", options->account, "name or address")->required();
    issue->add_option("AMOUNT", options->amount)->required();
    common(issue);
    issue->callback([=, &session] {
        const market::CreditIssueTerms terms{session.address_of(options->account),
                                             amount_of(options->amount, "AMOUNT"),
                                             reference_of(options->ref)};
        send_or_draft(session, market::CreditIssue{terms, {}}, *options,
                      "issued " + tokens(terms.amount));
    });

    auto* admit = group->add_subcommand("admit", "Let an account send transactions");
    admit->add_option("ACCOUNT", options->account, "name or address")->required();
    admit->add_option("--class", options->account_class, "closed ends it")
        ->check(CLI::IsMember({"closed", "bulk", "settlement", "system"}))
        ->capture_default_str();
    admit->add_option("--bytes-per-day", options->bytes_per_day, "its quota")->required();
    common(admit);
    admit->callback([=, &session] {
        const market::AccountAdmitTerms terms{
            session.address_of(options->account),
            *codec::enum_from_name<market::AccountClass>(options->account_class),
            options->bytes_per_day, reference_of(options->ref)};
        send_or_draft(session, market::AccountAdmit{terms, {}}, *options, "admitted");
    });

    auto* close = group->add_subcommand("close", "Mark what an account earned in a month as paid");
    close->add_option("ACCOUNT", options->account, "name or address")->required();
    close->add_option("PERIOD", options->period, "yyyymm")->required();
    common(close);
    close->callback([=, &session] {
        const market::StatementCloseTerms terms{session.address_of(options->account),
                                                options->period, reference_of(options->ref)};
        send_or_draft(session, market::StatementClose{terms, {}}, *options, "statement closed");
    });

    auto* agree = group->add_subcommand("approve", "Add your signature to a draft");
    agree->add_option("FILE", options->file)->required();
    agree->callback([=, &session] { approve(session, options->file); });

    auto* send = group->add_subcommand("send", "Send an approved draft");
    send->add_option("FILE", options->file)->required();
    send->callback([=, &session] {
        const auto message = message_in(session, options->file);
        session.transact(message, "sent " + std::string{market::name_of(message)});
    });
}

}  // namespace wallet::cli
