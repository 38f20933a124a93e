#include "wallet/cli/labels/collected.hpp"

#include "evaluation/labelling/agreement.hpp"
#include "evaluation/labelling/consensus.hpp"

#include <algorithm>
#include <map>

namespace wallet::cli {
namespace {

/// By annotator in the order of the sheets; the gold is the last.
std::vector<evaluation::Vote> votes_of(const Collected& from, bool with_gold)
{
    std::vector<evaluation::Vote> votes;
    for (std::uint32_t by = 0; by < from.sheets.size(); ++by) {
        if (from.is_far_from_gold(from.sheets[by])) continue;
        for (const auto& row : from.sheets[by].opened.rows)
            if (row.label != market::no_label) votes.push_back({row.item, by, row.label});
    }
    if (with_gold)
        for (const auto& gold : from.gold.labels)
            votes.push_back(
                {gold.item, static_cast<std::uint32_t>(from.sheets.size()), gold.label});
    return votes;
}

/// How many say what of an item; the gold speaks for itself.
std::map<std::uint32_t, std::size_t> tally(const Collected& from, std::size_t item)
{
    std::map<std::uint32_t, std::size_t> votes;
    for (const auto& sheet : from.sheets) {
        const auto label = sheet.opened.rows[item].label;
        if (label != market::no_label && !from.is_far_from_gold(sheet)) ++votes[label];
    }
    if (const auto gold = from.notes.gold[item].label; gold != market::no_label) ++votes[gold];
    return votes;
}

bool has_majority(const std::map<std::uint32_t, std::size_t>& votes)
{
    std::size_t all = 0, most = 0;
    for (const auto& [label, count] : votes) {
        all += count;
        most = std::max(most, count);
    }
    return 2 * most > all;
}

/// Opened with what the annotator sealed to the owner, or with what an arbiter handed on.
ledger::Result<OpenedLabels> open_for_owner(const Session& session, const Collected& from,
                                            const ProvenWork& listed, const ledger::X25519Key& box)
{
    const auto submitted = submission_of(session, from.id, listed.work);
    auto opened =
        open_labels(submitted, listed.annotator, submitted.owner_wrap, box, from.terms.ordered);
    if (opened) return opened;
    const auto decided = decision_of(session, listed.work);
    if (!decided) return opened;
    return open_labels(submitted, listed.annotator, decided->owner_wrap, box, from.terms.ordered);
}

}  // namespace

std::vector<std::string> Collected::names() const
{
    return names_of(notes.items);
}

bool Collected::is_far_from_gold(const CollectedLabels& sheet) const
{
    const auto& ordered = terms.ordered;
    return ordered.gold != 0 && gold.wrong_in(sheet.opened.rows) > ordered.gold_errors;
}

Collected collected(const Session& session, const std::string& order, const std::string& gold)
{
    Collected made;
    made.id = label_order_id_of(order);
    made.terms = label_terms_of(session, made.id);
    const auto account = session.account();
    if (made.terms.owner != account.address)
        fail(Fault::refused, "the order is another's: labels are sealed to its owner");
    const auto key = session.unlock(account);
    made.notes = notes_of(session, made.terms.ordered, key, gold);
    made.gold = make_gold(made.notes.gold, key, made.terms.ordered.items_root);
    const auto box = label_key(key);
    made.seats_open =
        session.record<market::LabelSeats>(made.id).value_or(market::LabelSeats{}).free;
    for (auto& listed : work_of(session, made.id)) {
        if (listed.work.submitted_in.is_zero()) {
            made.seats_open += listed.work.ended() ? 0 : 1;
            continue;
        }
        // One of them whom this node does not show must not keep the others waiting.
        try {
            auto opened = open_for_owner(session, made, listed, box);
            if (opened)
                made.sheets.push_back({listed.annotator, listed.work, std::move(*opened)});
            else
                made.unreadable.emplace_back(listed, opened.error().detail);
        } catch (const Failure& failure) {
            made.missing.emplace_back(listed, failure.message);
        }
    }
    return made;
}

Agreed agreed(const Collected& from)
{
    const auto& ordered = from.terms.ordered;
    const evaluation::Panel panel{ordered.items, from.sheets.size() + 1, ordered.classes.size()};
    const auto votes = votes_of(from, true);
    if (!evaluation::fits(panel, votes.size()))
        fail(Fault::failed, "these are more labels than can be weighed at once");
    const auto together = evaluation::consensus(panel, votes);
    std::vector<bool> has_vote(ordered.items, false);
    for (const auto& vote : votes) has_vote[vote.item] = true;

    Agreed made;
    made.labels.resize(ordered.items);
    for (std::size_t item = 0; item < ordered.items; ++item) {
        if (!has_vote[item]) continue;
        const auto best = together.best(item);
        made.labels[item] = {best.label, static_cast<std::uint32_t>(100 * best.probability)};
        if (const auto gold = from.notes.gold[item].label; gold != market::no_label)
            made.labels[item] = {gold, 100};
        const auto said = tally(from, item);
        if (said.size() > 1) made.differ.push_back(item);
        const bool is_gold = from.notes.gold[item].label != market::no_label;
        if (said.size() <= 1 || is_gold || has_majority(said)) continue;
        made.undecided.push_back(item);
        made.labels[item] = {};
    }
    for (std::size_t i = 0; i < from.sheets.size(); ++i)
        made.weights.push_back(together.annotators[i].weight);
    made.alpha = evaluation::krippendorff_alpha(votes_of(from, false));
    return made;
}

std::uint32_t accepted_of(const CollectedLabels& sheet, const std::vector<Label>& right)
{
    std::uint32_t count = 0;
    for (const auto& row : sheet.opened.rows) {
        if (row.label == market::no_label) continue;
        const auto wanted = right.at(row.item).label;
        count += wanted == market::no_label || wanted == row.label ? 1 : 0;
    }
    return count;
}

}  // namespace wallet::cli
