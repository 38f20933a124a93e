#include "wallet/cli/rental/provider.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "ledger/crypto/sha256.hpp"
#include "market/rules/lease_rules.hpp"
#include "wallet/cli/node_lists.hpp"
#include "wallet/cli/progress.hpp"
#include "wallet/client/channel_folder.hpp"
#include "wallet/keys/private_files.hpp"
#include "wallet/sealed/seal_items.hpp"

#include <algorithm>
#include <thread>

namespace wallet::cli {
namespace {

namespace fs = std::filesystem;
using ledger::Hash;
using market::CloseReason;
using market::LeaseStatus;

constexpr const char* record_name = "rental.json";
constexpr std::size_t most_record = 64 * 1024;
constexpr std::size_t most_job_file = 1 << 20;
constexpr std::size_t most_reason = 1'000;
constexpr std::size_t most_requests = 64;  ///< of one verifier
constexpr std::chrono::seconds patience_of_trainer{20};
constexpr std::uint64_t between_tries_ms = 2'000;

/// Before a lease has to be started, so long at least is kept for sending the start itself.
constexpr std::uint64_t start_margin_ms = 15'000;

/// A trainer that somebody else ended (SIGTERM to all of a service, no memory) is started again.
constexpr unsigned most_interruptions = 5;

Rental rental_in(const fs::path& file)
{
    const auto text = read_private_file(file, most_record);
    if (!text) return {};
    const auto said = ledger::codec::parse_json(*text);
    if (!said) return {};
    auto rental = ledger::codec::from_json<Rental>(*said);
    return rental ? std::move(*rental) : Rental{};
}

std::uint32_t threads_in(const fs::path& job)
{
    const auto said =
        ledger::codec::parse_json(ledger::as_text(read_input(job.string(), most_job_file)));
    if (!said || !said->is_object()) return 1;
    return std::clamp<std::uint32_t>(said->value("threads", 1U), 1, 1'024);
}

struct OwnBid {
    market::GpuBidId id;
    std::uint64_t start_by;  ///< seconds
};

std::optional<OwnBid> own_bid(const Party& party, const market::GpuOrderId& order)
{
    const auto found =
        must(party.session.client().get("/v1/gpu/orders/" + ledger::to_hex0x(order.view())));
    const auto mine = ledger::to_checksum(party.account.address);
    for (const auto& bid : found.value("waiting", json::array())) {
        const auto id = ledger::id_from_hex<market::GpuBidId>(bid.value("id", ""));
        if (id && bid.value("provider", "") == mine)
            return OwnBid{*id, bid.value("startBy", std::uint64_t{0})};
    }
    return {};
}

Hash file_hash(const fs::path& file)
{
    return ledger::sha256(read_input(file.string(), std::size_t{1} << 30));
}

}  // namespace

LeaseProvider::LeaseProvider(const Party& party, const ServeOptions& options,
                             const market::GpuOrderId& id)
    : party_{party},
      options_{options},
      id_{id},
      order_{order_of(party.session, id)},
      tenant_{order_record(party.session, id).tenant},
      folder_{folder_of(options.work, id)},
      meeting_{meet(party, id, order_)}
{
    must(make_private_folder(folder_));
    rental_ = rental_in(path(record_name));
}

LeaseProvider::~LeaseProvider() = default;

void LeaseProvider::keep() const
{
    must(replace_private_file(path(record_name), ledger::codec::to_json(rental_).dump() + "\n"));
}

bool LeaseProvider::tick()
{
    const auto record = order_record(party_.session, id_);
    if (record.lease.is_zero()) return wait_for_acceptance(record);
    if (rental_.lease != record.lease) {
        rental_ = {};
        rental_.lease = record.lease;
        keep();
    }
    lease_ = lease_of(party_.session, rental_.lease);
    if (lease_.provider != party_.account.address) return lose();
    meter_ = meter_of(party_.session, rental_.lease, lease_);
    if (lease_.ended()) {
        end();
        return true;
    }
    // A board that says nothing must not keep this side from what the ledger asks of it.
    attempt("the board", [&] { listen(); });
    take_voucher();
    if (lease_.status == LeaseStatus::matched) start();
    if (lease_.runs()) run();
    if (lease_.is_checked()) check();
    return false;
}

void LeaseProvider::attempt(const char* what, const std::function<void()>& work)
{
    std::string problem;
    try {
        return work();
    } catch (const Failure& failure) {
        problem = failure.message;
    } catch (const json::exception& unreadable) {
        problem = unreadable.what();
    }
    problem = std::string{what} + ": " + plain(problem);
    if (problem != noted_) party_.session.note(problem);
    noted_ = problem;
}

bool LeaseProvider::wait_for_acceptance(const market::GpuOrderRecord& record)
{
    if (record.status == market::GpuOrderStatus::matched) return false;
    if (record.status != market::GpuOrderStatus::ordered) return lose();
    const auto mine = own_bid(party_, id_);
    const auto now = now_ms().value;
    if (!mine) return now < rental_.bid_until_ms ? false : lose();
    // Nobody can take it any more: it would only keep the bond.
    const auto starvation_s = party_.session.network()->params().lease.starvation_s;
    if (mine->start_by < now / 1'000 + starvation_s) {
        try_send(party_, market::GpuCancel{market::GpuEntry::bid, ledger::retag<Hash>(mine->id)});
        return false;
    }
    attempt("the board", [&] { listen(); });
    return false;
}

/// Another bid was taken, or none.
bool LeaseProvider::lose()
{
    report_ = {{"order", ledger::to_hex0x(id_.view())}, {"status", "lost"}};
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
    return true;
}

void LeaseProvider::remember(const fs::path& folder, std::uint64_t until_ms)
{
    must(make_private_folder(folder));
    Rental rental;
    rental.bid_until_ms = until_ms;
    if (!fs::exists(folder / record_name))
        must(replace_private_file(folder / record_name,
                                  ledger::codec::to_json(rental).dump() + "\n"));
}

bool LeaseProvider::has_bid(const Party& party, const market::GpuOrderId& order)
{
    return own_bid(party, order).has_value();
}

bool LeaseProvider::remembers(const fs::path& folder)
{
    return fs::exists(folder / record_name);
}

void LeaseProvider::listen()
{
    if (!said_key_) {
        must(meeting_.board().say(rental::KeyNote{meeting_.box_point()},
                                  rental::Board::Lasts::always));
        said_key_ = true;
    }
    say_again();
    for (const auto& one : must(meeting_.listen())) {
        if (auto voucher = one.as<rental::VoucherNote>(); voucher && one.from == tenant_)
            voucher_ = std::move(voucher);
        const auto request = one.as<rental::RequestNote>();
        if (!request) continue;
        auto& wanted = requests_[one.from];
        if (wanted.size() < most_requests) wanted.insert_or_assign(request->segment, *request);
    }
}

/// What is kept but may not have been heard: this program was ended in between, or the board was.
void LeaseProvider::say_again()
{
    if (rental_.last.seq != said_seq_) {
        const auto digest = market::heartbeat_digest(*party_.session.network(), rental_.last);
        must(meeting_.board().say(
            rental::HeartbeatNote{rental_.last, ledger::sign(party_.key, digest)},
            rental::Board::Lasts::newest));
        said_seq_ = rental_.last.seq;
    }
    if (!rental_.failure.empty() && !said_failure_) {
        must(meeting_.board().say(rental::FailedNote{rental_.failure},
                                  rental::Board::Lasts::always));
        said_failure_ = true;
    }
}

void LeaseProvider::take_voucher()
{
    if (!voucher_ || !(lease_.runs() || lease_.is_checked())) return;
    const auto note = *std::exchange(voucher_, std::nullopt);
    const auto good = market::check_voucher(*party_.session.network(), meter_, rental_.paid_s,
                                            note.voucher, note.signature);
    if (!good) return;
    rental_.paid_s = note.voucher.seconds;
    rental_.signature = note.signature;
    keep();
}

/// Model and samples, as files and keys; false while the tenant has not given them.
bool LeaseProvider::open()
{
    if (!job_ && rental_.failure.empty()) attempt("the job", [&] { open_sealed(); });
    return job_.has_value();
}

void LeaseProvider::open_sealed()
{
    auto sealed = rental::fetch_job(meeting_, order_, {lease_.tenant}, folder_,
                                    options_.work.most_bytes, show_progress);
    if (!sealed) {
        if (sealed.error().fault == Fault::not_found) return;
        throw sealed.error();
    }
    auto opened = rental::open_job(meeting_, order_, std::move(*sealed), folder_);
    if (opened) {
        threads_ = threads_in(opened->job);
        job_.emplace(std::move(*opened));
    } else if (opened.error().fault != Fault::not_found) {
        throw opened.error();
    }
}

void LeaseProvider::say_failed(const std::string& reason)
{
    rental_.failure = plain(reason, most_reason);
    keep();
    party_.session.note("this job cannot be done: " + rental_.failure);
    attempt("the board", [&] { say_again(); });
}

/// A lease that is not started costs the deposit, whoever's fault it is: without a job there is
/// nothing to do afterwards, and nobody pays for that.
void LeaseProvider::start()
{
    market::LeaseStart message;
    message.lease = rental_.lease;
    const auto end_ms = lease_.start_by_ms - std::min(lease_.start_by_ms, start_margin_ms);
    if (open()) {
        try {
            message.initial = replay(options_.work, *job_, {{}, 0, {}, end_ms}, folder_);
        } catch (const Failure& failure) {
            if (failure.fault != Fault::usage && failure.fault != Fault::refused) throw;
            say_failed(failure.message);
        }
    } else if (rental_.failure.empty() && now_ms().value < end_ms) {
        return;
    }
    // The ledger wants some c_0; of a job that nobody has seen it is one that no state has.
    if (message.initial.is_zero()) message.initial = order_.job.graph;
    message.env_hash = file_hash(options_.work.trainer);
    if (try_send(party_, message))
        party_.session.note("lease " + ledger::to_hex0x(rental_.lease.view()) + " has begun");
    lease_ = lease_of(party_.session, rental_.lease);
    meter_ = meter_of(party_.session, rental_.lease, lease_);
}

void LeaseProvider::run()
{
    const auto now = now_ms().value;
    const bool paused = market::is_paused(meter_, rental_.paid_s, now);
    if (worker_ && paused) worker_->pause();
    if (worker_ && !paused) worker_->resume();
    if (market::is_starved(meter_, rental_.paid_s, now)) return close(CloseReason::starved);
    work();
    if (!rental_.failure.empty() || !open()) return;
    if (rental_.finished) return close(finished_reason());
    // Also while paused: it is by heartbeats that a tenant pays for what is over.
    if (rental_.paid_s >= market::seconds_due(meter_, rental_.last.seq)) beat(now);
    commit(false);
    claim(false);
    if (rental_.paid_s + meter_.interval_s > meter_.most_s && paused)
        return close(CloseReason::paid_out);
    if (lease_.reclaim_end_ms != 0 && now >= lease_.reclaim_end_ms) close(CloseReason::reclaimed);
}

/// A training that ended early has fewer segments than its job: the tenant says that it is done, or
/// pays no more.
CloseReason LeaseProvider::finished_reason() const
{
    return commitments().size() >= market::job_segments(order_.job) ? CloseReason::done
                                                                    : CloseReason::starved;
}

/// The trainer runs whenever its time is paid for.
void LeaseProvider::work()
{
    if (worker_) {
        const auto status = worker_->ended();
        if (!status) return;
        rental_.busy_ms += worker_->cpu_ms() / threads_;
        worker_.reset();
        const bool was_ended = *status > 128;  // by somebody else: 130 where it was asked to
        if (*status == 0) {
            rental_.finished = true;
        } else if (!was_ended || ++interruptions_ > most_interruptions) {
            commit(true);
            claim(true);
            say_failed("the trainer ended with status " + std::to_string(*status) + ": " +
                       rental::tail_of(path("train.err")));
        }
        return keep();
    }
    if (rental_.finished || !rental_.failure.empty() || !open()) return;
    if (market::is_paused(meter_, rental_.paid_s, now_ms().value)) return;
    for (const auto* name : {"out", "resume", "segments", "log"})
        must(make_private_folder(path(name)));
    const auto segment = std::to_string(order_.job.segment_steps);
    worker_ = start_trainer(
        options_.work, *job_, "train",
        {"--out", path("out") / "model.onnx", "--checkpoint", path("resume") / "state", "--resume",
         "--every", segment, "--segment", segment, "--segments", path("segments"), "--log",
         path("log") / "trainer.log", "--quiet"},
        folder_, "train");
}

/// Half an interval before the time that is paid for is over, so that nothing has to pause.
void LeaseProvider::beat(std::uint64_t now)
{
    const auto interval_ms = std::max<std::uint64_t>(meter_.interval_s * 1'000, 1);
    const auto due = meter_.started_ms + rental_.last.seq * interval_ms + interval_ms / 2;
    if (now < due || now < meter_.started_ms) return;
    const auto done = commitments();
    market::Heartbeat next;
    next.lease = rental_.lease;
    next.seq = rental_.last.seq + 1;
    next.at_ms = std::max(now, rental_.last.at_ms);
    next.step = std::max<std::uint64_t>(
        rental_.last.step,
        std::min<std::uint64_t>(done.size() * order_.job.segment_steps, order_.job.total_steps));
    const auto busy = rental_.busy_ms + (worker_ ? worker_->cpu_ms() / threads_ : 0);
    next.gpu_ms = std::max(rental_.last.gpu_ms, std::min(busy, next.at_ms - meter_.started_ms));
    next.last_checkpoint = done.empty() ? lease_.initial : done.back();
    const auto& network = *party_.session.network();
    if (rental_.last.seq != 0) next.previous = market::heartbeat_digest(network, rental_.last);
    // Kept before it is said: there must never be two of one number.
    rental_.last = next;
    keep();
    attempt("the board", [&] { say_again(); });
}

std::vector<Hash> LeaseProvider::commitments() const
{
    const auto log = path("log") / "trainer.log";
    std::error_code ignored;
    return fs::exists(log, ignored) ? commitments_in(log.string()) : std::vector<Hash>{};
}

fs::path LeaseProvider::state_of(std::uint64_t segment) const
{
    auto number = std::to_string(segment);
    if (number.size() < 6) number.insert(0, 6 - number.size(), '0');
    return path("segments") / ("segment-" + number);
}

void LeaseProvider::commit(bool all)
{
    const auto now = now_ms().value;
    if (!all && now < committed_ms_ + options_.commit_s * 1'000) return;
    committed_ms_ = now;
    const auto done = commitments();
    if (done.size() <= lease_.segments) return;
    if (try_send(party_, checkpoint_of(party_.key, rental_.lease, lease_.segments, done)))
        lease_ = lease_of(party_.session, rental_.lease);
}

void LeaseProvider::claim(bool all)
{
    const auto now = now_ms().value;
    if (claimed_ms_ == 0) claimed_ms_ = now;
    if (!all && now < claimed_ms_ + options_.claim_s * 1'000) return;
    if (rental_.paid_s <= lease_.paid_s) return;
    claimed_ms_ = now;
    if (try_send(party_, market::LeaseClaim{rental_.lease, rental_.paid_s, rental_.signature}))
        lease_ = lease_of(party_.session, rental_.lease);
}

void LeaseProvider::close(CloseReason reason)
{
    suspend();
    commit(true);
    claim(true);
    attempt("the result", [&] { bring_result(); });
    if (try_send(party_, market::LeaseClose{rental_.lease, reason}))
        party_.session.note("lease " + ledger::to_hex0x(rental_.lease.view()) +
                            " is closed: " + ledger::codec::to_json(reason).get<std::string>());
}

BatchFolder LeaseProvider::sealed(const fs::path& folder,
                                  const std::vector<std::pair<fs::path, std::string>>& files,
                                  const ledger::X25519PublicKey& to) const
{
    std::error_code ignored;
    if (!fs::exists(folder, ignored)) {
        SealRequest request;
        for (const auto& [file, name] : files)
            request.items.push_back({file, name, fs::file_size(file)});
        request.dataset = rental::lease_dataset();
        request.masters = {to};
        request.folder = folder;
        must(seal_items(request, party_.session.random(), [](std::uint64_t) {}));
    }
    return must(BatchFolder::open(folder));
}

/// The newest state that is committed to, with what proves that, for the tenant.
void LeaseProvider::bring_result()
{
    const auto tenant = meeting_.key_of(lease_.tenant);
    if (lease_.segments == 0 || !tenant) return;
    const auto last = lease_.segments - 1;
    if (brought_ == last) return;
    const auto opening = path("opening.json");
    must(replace_private_file(
        opening, ledger::codec::to_json(
                     opening_of(party_.session, rental_.lease, last, commitments(), party_.key))
                         .dump() +
                     "\n"));
    auto batch =
        sealed(path(("result-" + std::to_string(last)).c_str()),
               {{state_of(last), rental::state_item}, {opening, rental::opening_item}}, *tenant);
    must(meeting_.bring(batch, rental::BatchUse::result, last, *tenant, show_progress));
    brought_ = last;
}

/// What the ledger asks of this side first: then what others ask of it.
void LeaseProvider::check()
{
    suspend();
    claim(true);
    const auto now = now_ms().value;
    if (now >= asked_ms_ + between_tries_ms) {
        asked_ms_ = now;
        reveal();
        try_settle(party_, rental_.lease);
    }
    attempt("the result", [&] { bring_result(); });
    for (const auto& [who, wanted] : requests_)
        for (const auto& [segment, request] : wanted)
            if (!served_.contains({who, segment}) && may_have(who, segment))
                attempt("a verifier's state", [&] { serve(who, request); });
}

/// A verifier gets the state before a segment only once it has said what the one before gave: that
/// state is what it should have come to itself.
bool LeaseProvider::may_have(const ledger::Address& who, std::uint64_t segment) const
{
    const auto dispute = party_.session.record<market::LeaseDispute>(rental_.lease);
    if (dispute && dispute->segment == segment &&
        std::ranges::any_of(dispute->jurors,
                            [&](const market::Juror& juror) { return juror.account == who; }))
        return true;
    const auto verification = party_.session.record<market::Verification>(rental_.lease);
    if (!verification) return false;
    bool is_drawn = false;
    for (const auto& slot : verification->slots) {
        if (slot.verifier != who) continue;
        if (slot.segment + 1 == segment && !slot.reported) return false;
        is_drawn |= slot.segment == segment;
    }
    return is_drawn;
}

void LeaseProvider::serve(const ledger::Address& who, const rental::RequestNote& request)
{
    if (!open()) return;
    if (request.segment != 0) {
        const auto state = state_of(request.segment - 1);
        std::error_code ignored;
        if (!fs::exists(state, ignored)) return;
        const auto name =
            "state-" + std::to_string(request.segment) + "-" + ledger::to_hex(request.key.view());
        auto batch = sealed(path(name.c_str()), {{state, rental::state_item}}, request.key);
        must(meeting_.bring(batch, rental::BatchUse::state, request.segment, request.key,
                            show_progress));
    }
    must(meeting_.give(request.key, job_->keys(), party_.session.random()));
    served_.insert({who, request.segment});
}

void LeaseProvider::reveal()
{
    const auto verification = party_.session.record<market::Verification>(rental_.lease);
    if (!verification) return;
    const bool all = std::ranges::all_of(
        verification->slots, [](const market::VerifySlot& slot) { return slot.reported; });
    if (!all && now_ms().value < lease_.closed_ms + order_.verify.window_s * 1'000) return;
    const auto done = commitments();
    market::VerifyReveal message{rental_.lease, {}, {}};
    for (const auto& slot : verification->slots)
        if (slot.reported && !slot.opened)
            message.openings.push_back(
                opening_of(party_.session, rental_.lease, slot.segment, done, party_.key));
    if (!message.openings.empty()) try_send(party_, message, Rehearsal::no);
}

void LeaseProvider::suspend()
{
    if (!worker_) return;
    worker_->stop(patience_of_trainer);
    rental_.busy_ms += worker_->cpu_ms() / threads_;
    worker_.reset();
    keep();
}

void LeaseProvider::end()
{
    suspend();
    report_ = {{"order", ledger::to_hex0x(id_.view())},
               {"lease", ledger::to_hex0x(rental_.lease.view())},
               {"status", ledger::codec::to_json(lease_.status)},
               {"outcome", ledger::codec::to_json(lease_.outcome)},
               {"reason", ledger::codec::to_json(lease_.reason)},
               {"segments", lease_.segments},
               {"paidS", lease_.paid_s}};
    // Samples were never in it, but models and states are.
    std::error_code ignored;
    job_.reset();
    fs::remove_all(folder_, ignored);
}

}  // namespace wallet::cli
