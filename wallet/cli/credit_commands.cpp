#include "ledger/codec/json.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/drafts.hpp"

#include <memory>

namespace wallet::cli {
namespace {

namespace codec = ledger::codec;

struct CreditOptions {
    std::string account, amount, ref, account_class = "bulk", draft;
    std::uint64_t bytes_per_day = 0;
    std::uint32_t period = 0;
};

}  // namespace

void add_credit_commands(CLI::App& app, Session& session)
{
    auto options = std::make_shared<CreditOptions>();
    auto* group = app.add_subcommand("credit", "What issuers of a credit network do");
    group->require_subcommand(1);
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
        send_or_draft(session, market::CreditIssue{terms, {}}, options->draft, "credit",
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
        send_or_draft(session, market::AccountAdmit{terms, {}}, options->draft, "credit",
                      "admitted");
    });

    auto* close = group->add_subcommand("close", "Mark what an account earned in a month as paid");
    close->add_option("ACCOUNT", options->account, "name or address")->required();
    close->add_option("PERIOD", options->period, "yyyymm")->required();
    common(close);
    close->callback([=, &session] {
        const market::StatementCloseTerms terms{session.address_of(options->account),
                                                options->period, reference_of(options->ref)};
        send_or_draft(session, market::StatementClose{terms, {}}, options->draft, "credit",
                      "statement closed");
    });

    add_draft_commands(*group, session, "issuer");
}

}  // namespace wallet::cli
