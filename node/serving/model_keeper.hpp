#pragma once

#include "ledger/base/result.hpp"
#include "node/serving/catalog.hpp"

#include <functional>
#include <span>

namespace node {

/// A model as an operator wants it.
struct WantedModel {
    std::string name;
    /// Reads, checks, tries out and opens all versions; those of `present` (null: none) that need
    /// not change are taken over. May take seconds. The error names what is wrong.
    std::function<ledger::Result<ServedModel>(const ServedModel* present)> load;
    std::chrono::seconds idle{0};  ///< let go after so long without a call; 0: never
};

/// Loads, swaps and lets go of models while calls go on: the one writer of a catalog.
///
/// A model is replaced only when its successor is whole and has run once; where that fails, what
/// was served stays. A version that was offered for payment stays for those callers until the
/// offer is over. What is let go is freed once no call holds it.
///
/// Changes wait for each other; any thread. Reading, loading and freeing is done in the caller's.
class ModelKeeper {
public:
    /// `offers_last`: how long after it was made an offer can be taken.
    ModelKeeper(Catalog& catalog, const Clock& clock, std::chrono::seconds offers_last);
    /// As close().
    ~ModelKeeper();
    ModelKeeper(const ModelKeeper&) = delete;
    ModelKeeper& operator=(const ModelKeeper&) = delete;

    /// Serves exactly these. All or nothing: the error names the first model that failed.
    ledger::Result<void> set_all(std::vector<WantedModel> wanted);
    /// Serves this one, in place of what had its name.
    ledger::Result<void> load(WantedModel wanted);
    /// Loads again what had been wanted under this name; not_found.
    ledger::Result<void> load(const std::string& name);
    /// Lets go; not_found. Calls get 404 until it is loaded again.
    ledger::Result<void> unload(const std::string& name);
    /// Loads it if it is idle.
    void wake(const std::string& name);

    /// Lets go what nobody calls or holds an offer of, frees what nobody holds. Now and then.
    void tick();
    /// How many versions have been let go and are not freed yet.
    std::size_t draining() const;

    /// Closes every pool; for the end, when no more calls come.
    void close();

private:
    struct Slot {
        WantedModel wanted;
        std::shared_ptr<const ServedModel> now;
    };
    using Slots = std::map<std::string, Slot, std::less<>>;

    ledger::Result<void> load(Slot& slot);
    std::shared_ptr<const ServedModel> follow(const ServedModel* present, ServedModel next);
    void set_state(Slot& slot, ModelState state, std::string reason);
    void let_go(Slot& slot, ModelState state);
    bool is_offered(const ServedVersion& version) const;
    bool is_idle(const Slot& slot) const;
    void let_offers_end(Slot& slot);
    void publish();

    Catalog& catalog_;
    const Clock& clock_;
    const std::chrono::seconds offers_last_;
    mutable std::mutex changing_;
    Slots slots_;
    std::vector<std::shared_ptr<const ServedVersion>> draining_;
};

}  // namespace node
