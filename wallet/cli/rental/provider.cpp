#include "wallet/cli/rental/provider.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/sha256.hpp"
#include "market/rules/lease_rules.hpp"
#include "samples/arguments/job_file.hpp"
#include "wallet/cli/progress.hpp"
#include "wallet/client/channel_folder.hpp"
#include "wallet/keys/private_files.hpp"

#include <algorithm>

namespace wallet::cli {
namespace {

namespace fs = std::filesystem;
using ledger::Hash;
using market::CloseReason;
using market::LeaseStatus;

constexpr std::size_t most_record = 64 * 1024;
constexpr std::size_t most_reason = 1'000;
constexpr std::size_t most_requests = 64;  ///< of one verifier
constexpr std::chrono::seconds patience_of_trainer{20};

/// Before a lease has to be started, so long at least is kept for sending the start itself.
constexpr std::uint64_t start_margin_ms = 15'000;

/// Of the disk, before the trainer is started.
constexpr std::uint64_t least_space = std::uint64_t{1} << 30;

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
      meeting_{meet(party, id, order_)},
      attempt_{party.session, ""}
{
    must(make_private_folder(folder_));
    rental_ = rental_in(path(rental_record));
}

LeaseProvider::~LeaseProvider() = default;

void LeaseProvider::keep() const
{
    must(replace_private_file(path(rental_record), ledger::codec::to_json(rental_).dump() + "\n"));
}

bool LeaseProvider::tick()
{
    const auto record = order_record(party_.session, id_);
    if (record.lease.is_zero()) return wait_for_acceptance();
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
    attempt_("the board", [&] { listen(); });
    take_voucher();
    if (lease_.status == LeaseStatus::matched) start();
    if (lease_.runs()) run();
    if (lease_.is_checked()) check();
    return false;
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
    if (!job_ && rental_.failure.empty()) attempt_("the job", [&] { open_sealed(); });
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
        const auto said = samples::read_job(
            ledger::as_text(read_input(opened->job.string(), samples::JobLimits::bytes)));
        const auto steps = said ? said->recipe.value("steps", json{}) : json{};
        if (steps != json(order_.job.total_steps))
            return say_failed("the job file is of another number of steps than the order");
        // A lease pays for one machine's time, and who executes a segment again must know how it
        // was shared out.
        if (said->workers != 1)
            return say_failed("the job file asks for several workers: a lease is of one");
        threads_ = std::max(1U, said->threads);
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
    attempt_("the board", [&] { say_again(); });
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
            const bool is_about_the_job =
                failure.fault == Fault::usage || failure.fault == Fault::refused;
            if (failure.fault == Fault::timeout || (!is_about_the_job && now_ms().value < end_ms))
                throw;
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
    std::error_code unknown;
    const auto space = fs::space(folder_, unknown);
    if (!unknown && space.available < least_space) return say_failed("the provider's disk is full");
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
    attempt_("the board", [&] { say_again(); });
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
    auto done = commitments();
    done.resize(std::min<std::size_t>(done.size(), market::job_segments(order_.job)));
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
    claim(true);
    attempt_("a checkpoint", [&] { commit(true); });
    attempt_("the result", [&] { bring_result(); });
    if (try_send(party_, market::LeaseClose{rental_.lease, reason}))
        party_.session.note("lease " + ledger::to_hex0x(rental_.lease.view()) +
                            " is closed: " + ledger::codec::to_json(reason).get<std::string>());
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
