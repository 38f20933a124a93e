#include "training/workers/hub.hpp"

#include <algorithm>
#include <optional>

namespace training {
namespace {

using ledger::Result;
using Kind = Message::Kind;
using Clock = std::chrono::steady_clock;

}  // namespace

Hub::Hub(std::vector<Channel> workers, Options options) : options_{std::move(options)}
{
    for (auto& channel : workers)
        workers_.push_back({static_cast<std::uint32_t>(workers_.size()), std::move(channel)});
}

Hub::End Hub::run()
{
    if (begin())
        while (round()) {
        }
    stop_all();
    return end_;
}

void Hub::lose(Worker& worker, const ledger::Error& why)
{
    worker.channel.close();
    const Lost lost{worker.number, why.detail};
    if (options_.give_up) options_.give_up(worker.number);
    if (options_.tell) options_.tell(lost);
    unsaid_.push_back(lost);
    end_.lost.push_back(lost);
}

void Hub::fail(Worker& worker, const Message& farewell, Channel::Deadline until)
{
    const auto why = receive_text(worker.channel, farewell, until);
    worker.channel.close();
    refuse(worker,
           {status_from(farewell.place), why ? *why : "a worker ends and does not say why"});
}

void Hub::refuse(const Worker& worker, Refusal refusal)
{
    if (has_failed_) return;
    has_failed_ = true;
    end_.kind = End::Kind::failed;
    end_.status = refusal.status;
    end_.why = std::move(refusal.why);
    end_.first = worker.number;
}

/// What it begins with, or why nobody does.
Result<Beginning, Refusal> Hub::hear_beginning(Worker& worker, Channel::Deadline until)
{
    const auto who = "worker " + std::to_string(worker.number) + " ";
    const auto goes_on = [&] { return !options_.interrupted || !options_.interrupted(); };
    if (!worker.channel.wait_for_word(until, goes_on) && !goes_on())
        return Refusal{interrupted_status, "interrupted, before training began"};
    // It speaks: all of that is there soon.
    const auto soon = std::min(until, Clock::now() + options_.patience.silence);
    const auto head = receive_head(worker.channel, options_.limits, soon);
    if (head && head->kind == Kind::farewell) {
        fail(worker, *head, soon);
        return Refusal{end_.status, end_.why};
    }
    if (head && head->kind != Kind::ready)
        return Refusal{refused_status, who + "says what makes no sense, before training began"};
    const auto text = head ? receive_text(worker.channel, *head, soon) : head.error();
    // Where it was interrupted, so was this program, mostly.
    if (!text && !goes_on())
        return Refusal{interrupted_status, "interrupted, before training began"};
    if (!text)
        return Refusal{
            text.error().kind == ledger::ErrorKind::invalid ? refused_status : deserted_status,
            who + text.error().detail + ", before training began"};
    auto read = Beginning::read(*text);
    if (!read)
        return Refusal{refused_status, who + read.error().detail + ", before training began"};
    return std::move(*read);
}

/// Waits until all have what they need, and lets them begin where it is the same. A training does
/// not begin with fewer than were asked for.
bool Hub::begin()
{
    const auto until = Clock::now() + options_.patience.joining;
    std::optional<Beginning> first;
    for (auto& worker : workers_) {
        auto said = hear_beginning(worker, until);
        if (!said) {
            refuse(worker, said.error());
            return false;
        }
        if (!first) first = *said;
        if (const auto differs = said->differences_from(*first); !differs.empty()) {
            refuse(worker, {refused_status, "worker " + std::to_string(worker.number) +
                                                " differs from worker 0 in " + differs});
            return false;
        }
    }
    for (auto& worker : workers_) {
        Message head;
        head.kind = Kind::ready;
        if (auto done = send(worker.channel, head, std::string_view{}, until); !done)
            lose(worker, done.error());
    }
    return true;
}

/// False where it is lost, or has failed. Room is made for as many numbers as the first has said.
bool Hub::hear_sums(Worker& worker, const Message* first, Message& head, Channel::Deadline until)
{
    const auto said = receive_head(worker.channel, options_.limits, until);
    if (!said) {
        lose(worker, said.error());
        return false;
    }
    head = *said;
    if (said->kind == Kind::farewell) {
        fail(worker, *said, until);
        return false;
    }
    if (said->kind != Kind::sums) {
        lose(worker, ledger::invalid("says what makes no sense"));
        return false;
    }
    if (first != nullptr &&
        (said->step != first->step || said->wide != first->wide || said->narrow != first->narrow)) {
        lose(worker, ledger::invalid("is at another step"));
        return false;
    }
    // It lives: what follows has the same patience, also where this process stood still meanwhile.
    const auto body_until = std::max(until, Clock::now() + options_.patience.silence);
    if (auto done = receive_sums(worker.channel, *said, shard_, body_until); !done) {
        lose(worker, done.error());
        return false;
    }
    return true;
}

bool Hub::round()
{
    auto until = Clock::now() + options_.patience.silence;
    std::optional<Message> first;
    std::uint32_t wishes =
        options_.interrupted && options_.interrupted() ? std::uint32_t{wish_interrupt} : 0;
    bool all_done = true;
    // Also when one was lost already all others are heard: they are sending.
    for (auto& worker : workers_) {
        Message head;
        if (!worker.channel.is_open() ||
            !hear_sums(worker, first ? &*first : nullptr, head,
                       std::max(until, Clock::now() + options_.patience.grace)))
            continue;
        // One that was heard after the time was over: this process stood still, and all with it.
        if (Clock::now() > until) until = Clock::now() + options_.patience.silence;
        if (first) {
            add(total_, shard_);
        } else {
            first = head;
            std::swap(total_, shard_);
        }
        wishes |= head.flags & ~std::uint32_t{wish_done};
        all_done = all_done && (head.flags & wish_done) != 0;
    }
    if (has_failed_) return false;
    if (!unsaid_.empty()) return tell_changes();
    Message reply = *first;
    reply.flags = wishes;
    const auto sent_until = Clock::now() + options_.patience.silence;
    for (auto& worker : workers_)
        if (auto done = send(worker.channel, reply, total_, sent_until); !done)
            lose(worker, done.error());
    end_.first = workers_.front().number;
    return !all_done;
}

bool Hub::tell_changes()
{
    std::erase_if(workers_, [](const Worker& worker) { return !worker.channel.is_open(); });
    if (workers_.empty()) {
        end_.kind = End::Kind::all_lost;
        return false;
    }
    std::string text;
    for (const auto& each : unsaid_) text += std::to_string(each.number) + " " + each.why + "\n";
    unsaid_.clear();
    Message head;
    head.kind = Kind::changed;
    head.workers = static_cast<std::uint32_t>(workers_.size());
    const auto until = Clock::now() + options_.patience.silence;
    for (auto& worker : workers_) {
        if (auto done = send(worker.channel, head, text, until); !done) lose(worker, done.error());
        ++head.place;
    }
    return true;
}

void Hub::stop_all()
{
    const auto until = Clock::now() + options_.patience.grace;
    for (auto& worker : workers_) {
        if (!worker.channel.is_open()) continue;
        if (end_.kind == End::Kind::failed)
            send_away(worker.channel, {end_.status, end_.why}, until);
        worker.channel.close();
    }
}

}  // namespace training
