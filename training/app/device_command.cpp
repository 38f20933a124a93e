#include "training/app/commands.hpp"
#include "training/device/machine.hpp"
#include "training/device/measure.hpp"

#include <nlohmann/json.hpp>

namespace training {

int device_command(const DeviceOptions& options, std::ostream& out, std::ostream& error)
{
    const std::chrono::duration<double> half{static_cast<double>(options.seconds) / 2};
    const auto machine = this_machine();
    std::uint64_t gflops = 0;
    std::uint64_t bandwidth = 0;
    try {
        gflops = measured_gflops(options.threads, half);
        bandwidth = measured_bandwidth_mbs(options.threads,
                                           buffer_beyond_caches(machine.memory_mib << 20), half);
    } catch (const std::exception&) {
        error << "millrace-trainer: there is no memory to measure with\n";
        return refused;
    }
    if (options.json) {
        // One processor with all its threads is one device, and the same work gives the same bits.
        out << nlohmann::json{{"device", machine.device},
                              {"memoryMib", machine.memory_mib},
                              {"count", 1},
                              {"driver", machine.driver},
                              {"gflops", gflops},
                              {"bandwidthMbs", bandwidth},
                              {"archClass", machine.arch_class},
                              {"deterministic", true},
                              {"threads", options.threads}}
                   .dump(2)
            << '\n';
        return all_good;
    }
    out << "device         " << machine.device << '\n'
        << "memory         " << machine.memory_mib << " MiB\n"
        << "driver         " << machine.driver << '\n'
        << "threads        " << options.threads << '\n'
        << "speed          " << gflops << " GFLOP/s in single precision\n"
        << "bandwidth      " << bandwidth << " MB/s, read and written\n"
        << "class          " << machine.arch_class << ", deterministic\n";
    return all_good;
}

}  // namespace training
