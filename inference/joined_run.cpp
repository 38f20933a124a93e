#include "inference/joined_run.hpp"

#include <utility>

namespace inference {

struct JoinedRun::Member {
    std::optional<PoolJob> job;
    std::optional<std::stop_callback<std::function<void()>>> on_stop;
    std::optional<Watchdog::Watch> on_time;
};

JoinedRun::JoinedRun(std::vector<PoolJob> jobs, Watchdog& watchdog, OnDeath on_death)
    : on_death_{std::move(on_death)}, alive_{jobs.size()}
{
    for (auto& job : jobs) {
        members_.push_back(std::make_unique<Member>());
        members_.back()->job.emplace(std::move(job));
    }
    // Each may die from here on, while the others are still being watched.
    for (const auto& member : members_) {
        RunControl control;
        {
            const std::lock_guard lock{mutex_};
            if (!member->job) continue;
            control = member->job->request.control;
        }
        auto* one = member.get();
        if (control.stop.stop_possible())
            one->on_stop.emplace(control.stop, [this, one] {
                die(*one, {InferErrorKind::cancelled, "the request was cancelled"});
            });
        if (control.deadline)
            one->on_time.emplace(watchdog, *control.deadline, [this, one] {
                die(*one, {InferErrorKind::deadline, "the request was not done in time"});
            });
    }
}

JoinedRun::~JoinedRun()
{
    end();
}

void JoinedRun::die(Member& member, InferError why)
{
    std::optional<PoolJob> job;
    bool last = false;
    {
        const std::lock_guard lock{mutex_};
        if (!member.job) return;
        job = std::move(member.job);
        member.job.reset();
        last = --alive_ == 0;
    }
    if (last) stop_.request_stop();
    on_death_(std::move(*job), std::move(why));
}

std::vector<JoinedRun::Living> JoinedRun::end()
{
    // Waits for a death that is under way, so not under the lock.
    for (const auto& member : members_) {
        member->on_stop.reset();
        member->on_time.reset();
    }
    std::vector<Living> living;
    for (std::size_t i = 0; i < members_.size(); ++i)
        if (members_[i]->job) living.push_back({i, std::move(*members_[i]->job)});
    members_.clear();
    return living;
}

}  // namespace inference
