#include "edge/app/sealing_run.hpp"

#include "edge/app/failure.hpp"
#include "edge/app/stop.hpp"

#include <unistd.h>

#include <iostream>

namespace edge::app {

using ledger::Error;
using ledger::ErrorKind;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

SealingRun::SealingRun(const ledger::SecretKey& device, LockedQueue& locked,
                       const RunOptions& options, std::unique_ptr<Sender> sender)
    : locked_{&locked},
      options_{options},
      sender_{std::move(sender)},
      synced_at_{steady_clock::now()}
{
    if (options_.folder.folder.empty())
        rows_.emplace(STDIN_FILENO);
    else
        files_.emplace(device, options_.folder);
}

void SealingRun::run()
{
    catch_stop_signals();
    if (sender_) delivery_ = must(Delivery::make(locked_->queue(), *sender_));
    auto& queue = locked_->queue();
    while (!is_stopping() && !is_at_end()) {
        if (files_) take_files();
        if (rows_) take_rows();
        if (queue.is_due()) must(queue.sync());
        deliver();
        if (files_ && !is_at_end()) wait_here_for(-1, options_.poll_ms);
    }
    if (rows_) sync_rows();
    must(queue.cut());
    deliver_the_rest();
    if (rows_ && rows_->too_long() != 0)
        std::cerr << "millrace-edge: " << rows_->too_long() << " rows were too long" << std::endl;
    std::cerr << "millrace-edge: took " << (rows_ ? rows_->rows() : taken_)
              << (rows_ ? " rows" : " files") << std::endl;
    if (is_full_ && !is_stopping()) fail(Fault::full, "the queue is full: not all was taken");
}

bool SealingRun::is_at_end() const
{
    // Rows that a full queue does not take wait for batches to be sent, if they ever are.
    if (rows_) return rows_->is_at_end() || (rows_->has_ended() && rows_->keeps_rows() && !sender_);
    return options_.once && looked_;
}

void SealingRun::take_files()
{
    const auto pass = must(files_->offer_all(locked_->queue(), is_stopping));
    looked_ = true;
    taken_ += pass.taken;
    is_full_ = pass.problem && pass.problem->kind == ErrorKind::full;
    if (!pass.problem) return;
    // A full queue waits for batches to be sent; what else the disk refuses is for who started us.
    if (!is_full_) fail(fault_of(pass.problem->kind), pass.problem->detail);
    complain(*pass.problem);
}

void SealingRun::take_rows()
{
    const auto left = synced_at_ + milliseconds{options_.sync_ms} - steady_clock::now();
    const auto wait = std::chrono::ceil<milliseconds>(left).count();
    const bool waits = locked_->queue().stats().waiting_items != 0;
    const int most_ms = waits && wait < options_.poll_ms ? static_cast<int>(std::max<long>(wait, 0))
                                                         : options_.poll_ms;
    // While the queue is full nothing is read: the pipe keeps who writes into it waiting.
    const bool is_there = rows_->keeps_rows() ? !wait_here_for(-1, options_.poll_ms)
                                              : wait_here_for(STDIN_FILENO, most_ms);
    if (is_there) {
        const auto done = rows_->read(locked_->queue());
        is_full_ = !done && done.error().kind == ErrorKind::full;
        if (!done && !is_full_) fail(fault_of(done.error().kind), done.error().detail);
        if (is_full_) complain(done.error());
    }
    if (steady_clock::now() - synced_at_ >= milliseconds{options_.sync_ms}) sync_rows();
}

void SealingRun::sync_rows()
{
    synced_at_ = steady_clock::now();
    must(locked_->queue().sync());
    if (!options_.acknowledges || rows_->rows() == acknowledged_) return;
    acknowledged_ = rows_->rows();
    std::cout << acknowledged_ << std::endl;
}

bool SealingRun::wait_here_for(int descriptor, int milliseconds) const
{
    return wait_for(descriptor, milliseconds, delivery_ ? delivery_->descriptor() : -1);
}

void SealingRun::deliver()
{
    if (!delivery_) return;
    const auto has_some = [&] { return locked_->queue().next_unsent(0).has_value(); };
    if (!delivery_->is_sending() && (steady_clock::now() < deliver_at_ || !has_some())) return;
    while (const auto sent = delivery_->step()) {
        tell(*sent);
        if (!*sent || (*sent)->batches == 0) {
            deliver_at_ = steady_clock::now() + milliseconds{options_.poll_ms};
            return;
        }
        // Nothing is waited for while one batch after the other can be sent.
        if (!has_some()) return;
    }
}

void SealingRun::deliver_the_rest()
{
    if (!delivery_) return;
    if (delivery_->is_sending()) tell(delivery_->finish());
    auto& queue = locked_->queue();
    bool is_slow = false;
    for (auto next = queue.next_unsent(0); next && !is_slow; next = queue.next_unsent(*next))
        is_slow = sender_->may_take_long(*next);
    tell(send_all(queue, *sender_, [&] { return !(is_slow && is_stopping()); }));
}

void SealingRun::tell(const ledger::Result<Sent>& sent)
{
    if (sent && !sent->refusal) {
        complaint_.clear();
        return;
    }
    const auto& problem = sent ? *sent->refusal : sent.error();
    if (problem.kind == ErrorKind::corrupt || problem.kind == ErrorKind::invalid)
        fail(fault_of(problem.kind), problem.detail);
    // An outbox or a node may be away or full for days: that is what the queue is for.
    complain(problem);
}

void SealingRun::complain(const Error& error)
{
    if (complaint_ == error.detail) return;
    complaint_ = error.detail;
    std::cerr << "millrace-edge: " << error.detail << std::endl;
}

}  // namespace edge::app
