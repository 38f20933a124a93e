#include "ledger/crypto/address.hpp"
#include "wallet/cli/labels/collected.hpp"

#include <algorithm>
#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

struct ReviewOptions {
    std::string order, final_labels, adjudicated, gold;
    std::vector<std::string> annotators;
    bool dry = false, with_undecided = false, are_void = false;
};

/// What is right: as agreed, or as tables say; the gold above all. `usage` where somebody was paid
/// or not by chance: an item without a majority, or one that the table leaves out.
std::vector<Label> right_labels(const Collected& from, const ReviewOptions& options)
{
    const auto& ordered = from.terms.ordered;
    const auto read = [&](const std::string& file) {
        return must(read_labels(read_input(file, label_table_bytes), ordered.classes, ordered.items,
                                from.names()));
    };
    const auto together = agreed(from);
    const bool is_given = !options.final_labels.empty();
    auto right = is_given ? read(options.final_labels) : together.labels;
    if (!options.adjudicated.empty()) {
        const auto over = read(options.adjudicated);
        for (std::size_t i = 0; i < right.size(); ++i)
            if (over[i].label != market::no_label) right[i] = over[i];
    }
    for (const auto& gold : from.gold.labels) right[gold.item] = {gold.label, 100};
    std::vector<bool> has_label(right.size(), false);
    for (const auto& sheet : from.sheets)
        for (const auto& row : sheet.opened.rows)
            if (row.label != market::no_label && !from.is_far_from_gold(sheet))
                has_label[row.item] = true;
    std::size_t open = 0;
    for (std::size_t i = 0; i < right.size(); ++i)
        open += right[i].label == market::no_label && has_label[i];
    if (open != 0 && !options.with_undecided)
        fail(Fault::usage, std::to_string(open) +
                               " items have labels and no right one: say it with --adjudicated, or "
                               "--with-undecided to pay every label of them");
    return right;
}

market::LabelReview review_of(const Collected& from, const CollectedLabels& sheet,
                              const std::vector<Label>& right)
{
    market::LabelReview message{from.id, sheet.annotator, accepted_of(sheet, right), false, {}};
    const auto& ordered = from.terms.ordered;
    if (from.is_far_from_gold(sheet)) {
        message.errors = from.gold.errors_in(sheet.opened.rows, ordered.gold_errors + 1);
        message.is_void = true;
        message.accepted = 0;
    }
    return message;
}

/// Of those whose labels wait for it, and who are named or nobody is.
std::vector<market::LabelReview> reviews_of(const Session& session, const Collected& from,
                                            const ReviewOptions& options)
{
    std::vector<ledger::Address> only;
    for (const auto& name : options.annotators) only.push_back(session.address_of(name));
    const auto is_meant = [&](const ledger::Address& annotator, const market::LabelWork& work) {
        return work.status == market::LabelWorkStatus::submitted &&
               (only.empty() || std::find(only.begin(), only.end(), annotator) != only.end());
    };
    std::vector<market::LabelReview> reviews;
    const auto right = right_labels(from, options);
    for (const auto& sheet : from.sheets)
        if (is_meant(sheet.annotator, sheet.work)) reviews.push_back(review_of(from, sheet, right));
    for (const auto& [listed, why] : from.unreadable) {
        if (!is_meant(listed.annotator, listed.work)) continue;
        if (options.are_void)
            reviews.push_back({from.id, listed.annotator, 0, true, {}});
        else
            session.note(ledger::to_checksum(listed.annotator) + ": " + why +
                         "; --void-unreadable says so on the ledger");
    }
    for (const auto& [listed, why] : from.missing)
        if (is_meant(listed.annotator, listed.work))
            session.note(ledger::to_checksum(listed.annotator) + ": " + why +
                         "; ask another node: without a review every label is paid");
    return reviews;
}

std::string words_of(const market::LabelReview& review)
{
    return ledger::to_checksum(review.annotator) + "  " +
           (!review.is_void ? std::to_string(review.accepted) + " labels accepted"
            : review.errors.empty()
                ? "void, as it cannot be read: nothing is paid, the bond is lost"
                : "void by the gold: nothing is paid, the bond is lost, and " +
                      std::to_string(review.errors.size()) +
                      " labels of the gold are known to everybody");
}

void review(Session& session, const ReviewOptions& options)
{
    const auto from = collected(session, options.order, options.gold);
    const auto reviews = reviews_of(session, from, options);
    if (reviews.empty()) fail(Fault::not_found, "nobody's labels wait for a review");
    std::string question;
    auto document = json::array();
    for (const auto& one : reviews) {
        document.push_back({{"annotator", ledger::to_checksum(one.annotator)},
                            {"accepted", one.accepted},
                            {"void", one.is_void}});
        question += words_of(one) + "\n";
    }
    if (from.seats_open != 0)
        question += std::to_string(from.seats_open) + " of " +
                    std::to_string(from.terms.ordered.seats) +
                    " seats have no labels yet, which could say otherwise.\n";
    if (!options.dry) {
        session.confirm(question + "Review so?");
        const auto account = session.account();
        const auto key = session.unlock(account);
        for_each_of(session, reviews, [&](const market::LabelReview& one) {
            check_applied(session.send(one, account, key));
        });
    }
    session.show({{"reviewed", document}, {"sent", !options.dry}}, [&] {
        for (const auto& one : reviews)
            std::cout << words_of(one) << (options.dry ? "; nothing was sent" : "") << "\n";
    });
}

}  // namespace

void add_label_review_command(CLI::App& annotate, Session& session)
{
    auto options = std::make_shared<ReviewOptions>();
    auto* judge = annotate.add_subcommand("review", "Owner: accept what is right and pay for it");
    judge->add_option("ORDER", options->order)->required();
    judge->callback([=, &session] { review(session, *options); });
    judge->footer(
        "Right is what annotators agree on, or what tables say. Who has more of the gold wrong "
        "than\n"
        "the order allows is shown to the ledger, gets nothing and loses the bond.\n"
        "Example: millrace data annotate review 0xORDER --adjudicated labels/differ.csv");
    judge->add_option("ANNOTATOR", options->annotators, "address or key name; all when left out");
    judge->add_option("--final", options->final_labels, "CSV: the right labels");
    judge->add_option("--adjudicated", options->adjudicated, "CSV: labels that stand above those");
    judge->add_option("--gold", options->gold, "CSV: of an order that another home made");
    judge->add_flag("--with-undecided", options->with_undecided,
                    "pay every label of items that nothing decides");
    judge->add_flag("--void-unreadable", options->are_void,
                    "call work void whose labels do not open, or are not what was committed to");
    judge->add_flag("--dry-run", options->dry, "say what would be sent");
}

}  // namespace wallet::cli
