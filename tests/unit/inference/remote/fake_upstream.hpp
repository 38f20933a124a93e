#pragma once

#include "inference/remote/upstream.hpp"

#include <deque>
#include <mutex>
#include <utility>

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
    /// The next answer, whose body goes to the sink; what `script` says where one is set.
    Answer stream(const UpstreamRequest& request, const RunControl& control,
                  const BodySink& sink) override
    {
        auto answer = call(request, control);
        Script script;
        {
            const std::lock_guard lock{mutex_};
            script = script_;
        }
        if (script) return script(control, sink);
        if (!answer || answer->status != 200) return answer;
        const auto body = std::exchange(answer->body, {});
        if (!body.empty()) (void)sink(body);
        return answer;
    }
    using Script = std::function<Answer(const RunControl&, const BodySink&)>;
    /// How streams come from now on; called on the thread that asks.
    void streams(Script script)
    {
        const std::lock_guard lock{mutex_};
        script_ = std::move(script);
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
    Script script_;
};

}  // namespace inference
