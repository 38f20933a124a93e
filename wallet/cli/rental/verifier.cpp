#include "wallet/cli/rental/verifier.hpp"

#include "ledger/base/hex.hpp"
#include "wallet/cli/progress.hpp"
#include "wallet/keys/private_files.hpp"
#include "wallet/sealed/extract.hpp"

#include <algorithm>

namespace wallet::cli {
namespace {

namespace fs = std::filesystem;
using ledger::Hash;

/// Before a time is over, so much of it is kept for saying what there is to say.
std::uint64_t margin_ms(std::uint64_t seconds)
{
    return std::min<std::uint64_t>(seconds * 1'000 / 4, 60'000);
}

}  // namespace

LeaseVerifier::LeaseVerifier(const Party& party, const WorkOptions& work, const market::LeaseId& id)
    : party_{party},
      work_{work},
      id_{id},
      lease_{lease_of(party.session, id)},
      order_{order_of(party.session, lease_.order)},
      folder_{folder_of(work, lease_.order)},
      meeting_{meet(party, lease_.order, order_)},
      attempt_{party.session, "lease " + ledger::to_hex0x(id.view()) + ": "}
{
    must(make_private_folder(folder_));
}

std::size_t LeaseVerifier::tick(const std::vector<market::Duty>& duties)
{
    lease_ = lease_of(party_.session, id_);
    if (!lease_.is_checked()) return 0;
    attempt_("the board", [&] { must(meeting_.listen()); });
    std::size_t done = 0;
    auto sorted = duties;
    std::ranges::sort(sorted, {}, &market::Duty::segment);
    for (const auto& duty : sorted)
        done += (duty.as_juror ? sit(duty.segment) : report(duty.segment)) ? 1 : 0;
    return done;
}

bool LeaseVerifier::report(std::uint64_t segment)
{
    const auto end_ms = lease_.closed_ms + order_.verify.window_s * 1'000;
    const auto now = now_ms().value;
    if (now >= end_ms) return false;
    const auto result = result_of(segment, end_ms - margin_ms(order_.verify.window_s));
    if (!result) return false;
    if (!try_send(party_, market::VerifyReport{id_, segment, *result, {}})) return false;
    party_.session.note("segment " + std::to_string(segment) + " of " +
                        ledger::to_hex0x(id_.view()) + " reported" +
                        (result->is_zero() ? ": its input could not be had" : ""));
    return true;
}

bool LeaseVerifier::sit(std::uint64_t segment)
{
    const auto dispute = party_.session.record<market::LeaseDispute>(id_);
    if (!dispute || dispute->segment != segment || !dispute->drawn) return false;
    const auto me =
        std::ranges::find(dispute->jurors, party_.account.address, &market::Juror::account);
    if (me == dispute->jurors.end() || me->revealed) return false;
    const auto t_jury_s = party_.session.network()->params().lease.t_jury_s;
    const auto commits_end_ms = dispute->opened_ms + t_jury_s * 1'000;
    const auto salt = jury_salt(party_.key, id_, *dispute);
    // What was committed to is found again, however long that takes.
    const auto end_ms =
        (me->committed ? commits_end_ms + t_jury_s * 1'000 : commits_end_ms) - margin_ms(t_jury_s);
    const auto result = result_of(segment, end_ms);
    if (!result) return false;
    const auto sealed =
        market::jury_commitment(id_, segment, party_.account.address, *result, salt);
    if (!me->committed) return try_send(party_, market::JuryCommit{id_, segment, sealed});
    if (sealed != me->commitment) {
        // A zero of before, or of now: the other one is what it was.
        results_.erase(segment);
        const auto none =
            market::jury_commitment(id_, segment, party_.account.address, Hash{}, salt);
        return none == me->commitment &&
               try_send(party_, market::JuryReveal{id_, segment, Hash{}, salt});
    }
    // Too early it is refused: others have still to bind themselves.
    return try_send(party_, market::JuryReveal{id_, segment, *result, salt});
}

std::optional<Hash> LeaseVerifier::result_of(std::uint64_t segment, Time end_ms)
{
    if (const auto known = results_.find(segment); known != results_.end()) return known->second;
    std::optional<Hash> result;
    attempt_("executing", [&] { result = execute(segment, end_ms); });
    if (!result && now_ms().value < end_ms) return {};
    return results_.emplace(segment, result.value_or(Hash{})).first->second;
}

void LeaseVerifier::ask_for(std::uint64_t segment)
{
    if (asked_.contains(segment)) return;
    must(meeting_.board().say(rental::RequestNote{segment, meeting_.box_point()},
                              rental::Board::Lasts::always));
    asked_.insert(segment);
}

/// The state before a segment, as a file; empty while it is not here.
std::optional<fs::path> LeaseVerifier::state_before(std::uint64_t segment)
{
    const auto folder = folder_ / ("verify-" + std::to_string(segment));
    std::error_code ignored;
    if (fs::exists(folder / rental::state_item, ignored)) return folder / rental::state_item;
    const auto states = meeting_.batches(rental::BatchUse::state, lease_.provider);
    const auto found = std::ranges::find(states, segment, &rental::BatchNote::number);
    if (found == states.end()) return {};
    auto state =
        must(meeting_.fetch(*found, folder_ / ("state-" + ledger::to_hex(found->root.view())),
                            work_.most_bytes, show_progress));
    const auto key = meeting_.open(state);
    if (!key) return {};
    fs::remove_all(folder, ignored);  // one without what should be in it
    must(extract(state, *key, folder, [](std::uint64_t) {}));
    return folder / rental::state_item;
}

std::optional<Hash> LeaseVerifier::execute(std::uint64_t segment, Time end_ms)
{
    ask_for(segment);
    Replay what{{}, order_.job.segment_steps, {}, end_ms};
    if (segment != 0) {
        const auto state = state_before(segment);
        if (!state) return {};
        what.from = *state;
    }
    if (!job_) {
        auto sealed = rental::fetch_job(meeting_, order_, {lease_.tenant, lease_.provider}, folder_,
                                        work_.most_bytes, show_progress);
        if (!sealed && sealed.error().fault == Fault::not_found) return {};
        auto opened = rental::open_job(meeting_, order_, must(std::move(sealed)), folder_);
        if (!opened && opened.error().fault == Fault::not_found) return {};
        job_.emplace(must(std::move(opened)));
    }
    party_.session.note("executing segment " + std::to_string(segment) + " of " +
                        ledger::to_hex0x(id_.view()) + " again");
    return replay(work_, *job_, what, folder_);
}

}  // namespace wallet::cli
