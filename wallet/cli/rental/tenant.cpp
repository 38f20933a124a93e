#include "wallet/cli/rental/tenant.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "ledger/crypto/sha256.hpp"
#include "market/rules/lease_rules.hpp"
#include "market/rules/verify_rules.hpp"
#include "wallet/cli/node_lists.hpp"
#include "wallet/client/channel_folder.hpp"
#include "wallet/keys/private_files.hpp"
#include "wallet/sealed/extract.hpp"

#include <algorithm>

namespace wallet::cli {
namespace {

namespace fs = std::filesystem;
using ledger::Hash;
using market::CloseReason;
using market::LeaseStatus;

constexpr const char* record_name = "tenant.json";
constexpr std::size_t most_tenant_record = 64 * 1024;
constexpr std::size_t most_heartbeats = 256;
constexpr std::size_t most_opening = 64 * 1024;
constexpr std::uint64_t between_tries_ms = 2'000;
constexpr std::uint64_t accept_margin_s = 10;
constexpr std::uint64_t order_may_come_ms = 120'000;

}  // namespace

LeaseTenant::LeaseTenant(const Party& party, const RentOptions& options)
    : party_{party}, options_{options}, attempt_{party.session, ""}
{
    if (const auto text = read_private_file(path(record_name), most_tenant_record))
        if (const auto said = ledger::codec::parse_json(*text))
            if (auto known = ledger::codec::from_json<Tenancy>(*said)) tenancy_ = *known;
    began_ms_ = now_ms().value;
}

LeaseTenant::~LeaseTenant() = default;

bool LeaseTenant::has_ordered(const fs::path& folder)
{
    return fs::exists(folder / record_name);
}

void LeaseTenant::keep() const
{
    must(replace_private_file(path(record_name), ledger::codec::to_json(tenancy_).dump() + "\n"));
}

/// The one that was sent, where this program ended before its id could be written down.
std::optional<market::GpuOrderId> LeaseTenant::order_made() const
{
    const auto target =
        "/v1/gpu/orders?all=1&limit=1000&tenant=" + ledger::to_checksum(party_.account.address);
    for (const auto& item : all_items(party_.session, target)) {
        const auto id = ledger::id_from_hex<market::GpuOrderId>(item.value("id", ""));
        if (!id) continue;
        auto made = order_of(party_.session, *id);
        if (tenancy_.wanted.verify.window_s == 0) made.verify.window_s = 0;  // the network's
        if (made == tenancy_.wanted) return id;
    }
    return {};
}

void LeaseTenant::order()
{
    if (tenancy_.wanted.job.total_steps == 0) {
        auto wanted = options_.order;
        wanted.verify.planted_root = decoys_of(party_.key, wanted).root;
        wanted.beacon_commit = ledger::sha256(beacon_secret(party_.key, wanted).view());
        // Before it is sent: it says when it expires, so that no other is like it.
        tenancy_.wanted = wanted;
        keep();
    } else if (!is_as_wanted()) {
        fail(Fault::usage,
             options_.work.folder.string() +
                 " is the folder of another job, or of one for other terms: say those "
                 "again, or name another folder with --work");
    }
    if (tenancy_.order.is_zero()) {
        if (const auto known = order_made()) {
            tenancy_.order = *known;
        } else {
            // One that was sent may still become final: a second one would lock as much again.
            const auto now = now_ms().value;
            if (now < tenancy_.sent_ms + order_may_come_ms)
                fail(Fault::timeout, "it is not known yet whether the order came");
            tenancy_.sent_ms = now;
            keep();
            try {
                tenancy_.order = ledger::retag<market::GpuOrderId>(
                    party_.session.send(tenancy_.wanted, party_.account, party_.key).id);
            } catch (const Failure& failure) {
                if (failure.fault == Fault::refused) {
                    tenancy_ = {};
                    std::error_code ignored;
                    fs::remove(path(record_name), ignored);
                }
                throw;
            }
        }
        keep();
        party_.session.note("ordered: " + ledger::to_hex0x(tenancy_.order.view()));
    }
    order_ = order_of(party_.session, tenancy_.order);
    if (!meeting_)
        meeting_ = std::make_unique<rental::Meeting>(meet(party_, tenancy_.order, order_));
}

/// What an interrupted command is said again with is the same, but for when it expires.
bool LeaseTenant::is_as_wanted() const
{
    auto said = options_.order;
    said.expires = tenancy_.wanted.expires;
    said.beacon_commit = tenancy_.wanted.beacon_commit;
    said.verify.planted_root = tenancy_.wanted.verify.planted_root;
    return said == tenancy_.wanted;
}

rental::OpenJob LeaseTenant::opened() const
{
    rental::SealedJob sealed;
    sealed.jobs.push_back(must(BatchFolder::open(path("job-batch"))));
    for (const auto& folder : options_.data) sealed.data.push_back(must(BatchFolder::open(folder)));
    return must(rental::open_job(*meeting_, order_, std::move(sealed), options_.work.folder));
}

/// Brings the job to the board: at once, so that whoever bids can have it.
void LeaseTenant::enter()
{
    listen();
    must(meeting_->board().say(rental::KeyNote{meeting_->box_point()},
                               rental::Board::Lasts::always));
    auto job = must(BatchFolder::open(path("job-batch")));
    std::uint64_t place = 0;
    for (const auto& folder : options_.data) {
        auto batch = must(BatchFolder::open(folder));
        must(meeting_->bring(batch, rental::BatchUse::data, place++, {}, show_progress));
    }
    must(meeting_->bring(job, rental::BatchUse::job, 0, {}, show_progress));
}

bool LeaseTenant::tick()
{
    const auto record = order_record(party_.session, tenancy_.order);
    // A board that says nothing must not keep this side from what the ledger asks of it.
    if (record.status == market::GpuOrderStatus::cancelled ||
        record.status == market::GpuOrderStatus::expired)
        return give_up({Fault::refused, "the order was taken back, or expired"});
    attempt_("the board", [&] {
        if (!has_entered_) enter();
        has_entered_ = true;
        listen();
    });
    if (record.lease.is_zero()) return choose();
    lease_id_ = record.lease;
    lease_ = lease_of(party_.session, lease_id_);
    meter_ = meter_of(party_.session, lease_id_, lease_);
    if (lease_.status == LeaseStatus::matched) {
        attempt_("the keys", [&] { give_keys(); });
        if (now_ms().value > lease_.start_by_ms)
            try_send(party_,
                     market::LeaseTimeout{market::GpuEntry::lease, ledger::retag<Hash>(lease_id_)});
    }
    if (lease_.runs()) {
        attempt_("the keys", [&] { give_keys(); });
        pay();
    }
    if (lease_.is_checked()) return check();
    if (lease_.ended()) {
        bar_.reset();
        attempt_("the result", [&] { fetch_result(); });
        return true;
    }
    return false;
}

bool LeaseTenant::give_up(Failure why)
{
    bar_.reset();
    given_up_ = std::move(why);
    return true;
}

/// The cheapest of those who have said where to seal the job to.
bool LeaseTenant::choose()
{
    const auto now = now_ms().value;
    const auto found = must(
        party_.session.client().get("/v1/gpu/orders/" + ledger::to_hex0x(tenancy_.order.view())));
    std::optional<std::pair<market::GpuBidId, market::GpuBidRecord>> best;
    for (const auto& item : found.value("waiting", json::array())) {
        const auto id = ledger::id_from_hex<market::GpuBidId>(item.value("id", ""));
        if (!id) continue;
        const auto bid = party_.session.record<market::GpuBidRecord>({tenancy_.order, *id});
        if (!bid) continue;
        if (bid->bid.start_by * 1'000 < now + accept_margin_ms()) {
            // Nobody can take it any more; it would only stand before others.
            try_send(party_, market::GpuCancel{market::GpuEntry::bid, ledger::retag<Hash>(*id)});
            continue;
        }
        if (!meeting_->key_of(bid->provider)) continue;
        if (tenancy_.first_bid_ms == 0) {
            tenancy_.first_bid_ms = now;
            keep();
        }
        if (!best || bid->bid.rate < best->second.bid.rate) best.emplace(*id, *bid);
    }
    if (!best) {
        if (now < began_ms_ + options_.patience_s * 1'000) return false;
        try_send(party_,
                 market::GpuCancel{market::GpuEntry::order, ledger::retag<Hash>(tenancy_.order)});
        return give_up({Fault::timeout, "nobody bid within " + std::to_string(options_.patience_s) +
                                            " s; the order was taken back"});
    }
    if (now < tenancy_.first_bid_ms + options_.bids_s * 1'000) return false;
    if (try_send(party_, market::LeaseAccept{tenancy_.order, best->first}))
        party_.session.note("taken: the bid of " + ledger::to_checksum(best->second.provider) +
                            " at " + tokens(best->second.bid.rate) + " a second");
    return false;
}

/// A lease that is accepted has to be startable for so long.
std::uint64_t LeaseTenant::accept_margin_ms() const
{
    return (party_.session.network()->params().lease.starvation_s + accept_margin_s) * 1'000;
}

/// Whose word counts is seen when there is a lease: it may have been said before.
void LeaseTenant::listen()
{
    for (auto& one : must(meeting_->listen())) {
        if (auto heartbeat = one.as<rental::HeartbeatNote>()) {
            auto& heard = heartbeats_[one.from];
            if (heard.size() < most_heartbeats) heard.push_back(std::move(*heartbeat));
        }
        if (const auto failed = one.as<rental::FailedNote>())
            failures_.insert_or_assign(one.from, plain(failed->reason));
    }
}

void LeaseTenant::give_keys()
{
    const auto to = meeting_->key_of(lease_.provider);
    if (!to || given_to_ == to) return;
    const auto job = opened();
    must(meeting_->give(*to, job.keys(), party_.session.random()));
    given_to_ = to;
}

/// Time is paid as long as checkpoints follow, whatever heartbeats claim: what is committed to is
/// what can be verified.
bool LeaseTenant::is_trusted(std::uint64_t now)
{
    if (segments_ms_ == 0 || lease_.segments > segments_) segments_ms_ = now;
    segments_ = lease_.segments;
    return lease_.segments >= market::job_segments(order_.job) ||
           now < segments_ms_ + options_.trust_s * 1'000;
}

void LeaseTenant::take_heartbeats()
{
    const auto now = now_ms().value;
    const bool trusted = is_trusted(now);
    auto& heard = heartbeats_[lease_.provider];
    std::vector<rental::HeartbeatNote> later;
    for (auto& note : heard) {
        if (note.heartbeat.lease != lease_id_ || note.heartbeat.seq <= tenancy_.last.seq) continue;
        const auto good = market::check_heartbeat(*party_.session.network(), meter_, tenancy_.last,
                                                  note.heartbeat, note.signature, now);
        if (good && trusted) {
            tenancy_.last = note.heartbeat;
            tenancy_.heard_ms = now;
            keep();
        } else if (good || good.error() == market::HeartbeatFault::out_of_order ||
                   good.error() == market::HeartbeatFault::from_the_future) {
            later.push_back(std::move(note));
        } else {
            party_.session.note("a heartbeat is not accepted: " +
                                ledger::codec::to_json(good.error()).get<std::string>());
        }
    }
    heard = std::move(later);
}

void LeaseTenant::pay()
{
    if (const auto failed = failures_.find(lease_.provider); failed != failures_.end()) {
        bar_.reset();
        if (!std::exchange(told_failure_, true))
            party_.session.note("the provider cannot do the job: " + failed->second);
        try_send(party_, market::LeaseClose{lease_id_, CloseReason::done});
        return;
    }
    take_heartbeats();
    if (!bar_) bar_.emplace("training", order_.job.total_steps, ProgressBar::Counted::samples);
    bar_->at(tenancy_.last.step);
    const auto due = std::max(lease_.paid_s, market::seconds_due(meter_, tenancy_.last.seq));
    if (due > said_s_) {
        const auto voucher = market::make_voucher(meter_, due);
        if (!voucher) fail(Fault::failed, "the lease pays less than it should");
        const auto signature =
            ledger::sign(party_.key, market::voucher_digest(*party_.session.network(), *voucher));
        attempt_("the board", [&] {
            must(meeting_->board().say(rental::VoucherNote{*voucher, signature},
                                       rental::Board::Lasts::newest));
            said_s_ = due;
        });
    }
    const auto now = now_ms().value;
    if (!market::is_stalled(meter_, tenancy_.heard_ms, now)) return;
    bar_.reset();
    if (try_send(party_, market::LeaseClose{lease_id_, CloseReason::stalled}))
        party_.session.note("no heartbeat came, or no checkpoint after them: the lease is closed");
}

/// What the ledger asks of this side first: a provider must not be able to keep it from that by
/// what it says is the result.
bool LeaseTenant::check()
{
    bar_.reset();
    const auto now = now_ms().value;
    if (now < asked_ms_ + between_tries_ms) return false;
    asked_ms_ = now;
    const auto verification = party_.session.record<market::Verification>(lease_id_);
    if (!verification) {
        // Unseen: what it tells must not be told where the ledger would not take it.
        if (lease_.segments != 0)
            try_send(party_, market::VerifyAssign{lease_id_, beacon_secret(party_.key, order_)},
                     Rehearsal::no);
    } else if (!verification->planted_shown && order_.verify.planted != 0) {
        reveal_decoys(*verification);
    }
    try_settle(party_, lease_id_);
    attempt_("the result", [&] { fetch_result(); });
    return false;
}

void LeaseTenant::reveal_decoys(const market::Verification& verification)
{
    const bool all = std::ranges::all_of(
        verification.slots, [](const market::VerifySlot& slot) { return slot.reported; });
    // A clock that is ahead must not show them while there are still reports to come.
    const auto drift_ms = party_.session.network()->params().max_drift_ms;
    if (!all && now_ms().value < lease_.closed_ms + order_.verify.window_s * 1'000 + 2 * drift_ms)
        return;
    try_send(party_, market::VerifyReveal{lease_id_, {}, decoys_of(party_.key, order_).planted},
             Rehearsal::no);
}

/// The newest state that the provider committed to, and the model that it is. What it says of both
/// is believed only as far as the ledger's root proves it.
void LeaseTenant::fetch_result()
{
    if (tenancy_.has_result || lease_.segments == 0) return;
    const auto results = meeting_->batches(rental::BatchUse::result, lease_.provider);
    if (results.empty()) return;
    const auto root = results.back().root;
    const auto name = "result-" + ledger::to_hex(root.view());
    auto batch = must(meeting_->fetch(results.back(), path((name + ".batch").c_str()),
                                      options_.work.most_bytes, show_progress));
    const auto key = meeting_->open(batch);
    if (!key) fail(Fault::unverified, "the result is not sealed to this account");
    const auto folder = path(name.c_str());
    std::error_code ignored;
    if (!fs::exists(folder, ignored)) must(extract(batch, *key, folder, [](std::uint64_t) {}));

    const auto text = read_input((folder / rental::opening_item).string(), most_opening);
    const auto opening = must(ledger::codec::from_json<market::SegmentOpening>(
        must(ledger::codec::parse_json(ledger::as_text(text)))));
    const auto checkpoint =
        party_.session.record<market::CheckpointRecord>({lease_id_, opening.checkpoint});
    if (!checkpoint || !market::holds(*checkpoint, opening) ||
        opening.segment + 1 != lease_.segments)
        fail(Fault::unverified, "the result is not what the provider committed to");

    auto job = opened();
    const auto made = folder / "out";
    must(make_private_folder(made));
    fs::remove(made / "model.onnx", ignored);
    const auto commitment =
        replay(options_.work, job, {folder / rental::state_item, 0, made / "model.onnx", 0},
               options_.work.folder);
    if (commitment != opening.result)
        fail(Fault::unverified, "the state is not the one that the provider committed to");
    fs::rename(made / "model.onnx", model());
    tenancy_.has_result = true;
    keep();
    party_.session.note("the model of segment " + std::to_string(opening.segment) +
                        " is here, as committed to");
}

}  // namespace wallet::cli
