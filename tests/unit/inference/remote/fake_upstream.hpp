#pragma once

#include "inference/remote/upstream.hpp"

#include <deque>
#include <mutex>

namespace inference {

/// A server whose answers a test makes up: those that were queued, then `usual` for ever.
class FakeUpstream final : public Upstream {
public:
    using Answer = Result<UpstreamReply, UpstreamError>;

    static UpstreamReply reply(unsigned status, std::string_view body = {})
    {
        return {status, {}, {body.begin(), body.end()}};
    }

    Answer call(const UpstreamRequest& request, const RunControl&) override
    {
        const std::lock_guard lock{mutex_};
        requests_.push_back(request);
        if (queued_.empty()) return usual_;
        auto answer = std::move(queued_.front());
        queued_.pop_front();
        return answer;
    }
    void queue(Answer answer)
    {
        const std::lock_guard lock{mutex_};
        queued_.push_back(std::move(answer));
    }
    void usually(Answer answer)
    {
        const std::lock_guard lock{mutex_};
        usual_ = std::move(answer);
    }
    std::vector<UpstreamRequest> requests() const
    {
        const std::lock_guard lock{mutex_};
        return requests_;
    }

private:
    mutable std::mutex mutex_;
    std::deque<Answer> queued_;
    Answer usual_ = reply(200);
    std::vector<UpstreamRequest> requests_;
};

}  // namespace inference
