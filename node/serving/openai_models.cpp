#include "node/serving/openai_models.hpp"

namespace node {

CallThreads::CallThreads(unsigned threads, std::size_t queue) : queue_slots_{queue}
{
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

CallThreads::~CallThreads()
{
    close();
}

bool CallThreads::submit(std::function<void()> work)
{
    {
        const std::lock_guard lock{mutex_};
        if (closing_ || queue_.size() >= queue_slots_) return false;
        queue_.push_back(std::move(work));
    }
    changed_.notify_one();
    return true;
}

void CallThreads::close()
{
    std::deque<std::function<void()>> dropped;
    {
        const std::lock_guard lock{mutex_};
        closing_ = true;
        dropped.swap(queue_);
    }
    changed_.notify_all();
    for (auto& thread : threads_)
        if (thread.joinable()) thread.join();
}

void CallThreads::run()
{
    for (;;) {
        std::function<void()> work;
        {
            std::unique_lock lock{mutex_};
            changed_.wait(lock, [this] { return closing_ || !queue_.empty(); });
            if (queue_.empty()) return;
            work = std::move(queue_.front());
            queue_.pop_front();
        }
        work();
    }
}

bool OpenAiModels::add(OpenAiModel model)
{
    auto name = model.name;
    return models_.emplace(std::move(name), std::move(model)).second;
}

const OpenAiModel* OpenAiModels::find(std::string_view name) const
{
    const auto found = models_.find(name);
    return found == models_.end() ? nullptr : &found->second;
}

const OpenAiModel* OpenAiModels::only() const
{
    return models_.size() == 1 ? &models_.begin()->second : nullptr;
}

void OpenAiModels::close()
{
    for (auto& [name, model] : models_) model.threads->close();
}

}  // namespace node
