// PeerSet: what each device is compared with: programs of others (PoCL, OpenMP, nvcc), and other devices of
// Heddle's.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <heddle/device.h>

#include "contender.h"
#include "report.h"

namespace heddle::tool::bench {

/// A device that computes on the processor, reached through an interface for GPUs: lavapipe, SwiftShader,
/// PoCL.
bool is_software(const DeviceInfo& info);

class PeerSet {
  public:
    /// `names` are "pocl", "openmp", "native-scalar", "nvcc" and selectors of devices; none: what suits each
    /// device of `devices`. Packages: see make_device_contender. A peer that is missing is remembered with
    /// the reason. Throws heddle::Error (invalid_argument) for a name that is neither.
    PeerSet(std::span<const std::string> names, std::span<const Device> devices, std::string folder);

    /// Those that are there, in the order of the names.
    std::vector<Contender*> of(const Device& device) const;
    const std::vector<Participant>& participants() const noexcept { return participants_; }

  private:
    struct Peer {
        std::unique_ptr<Contender> contender;  ///< none when it is missing
    };

    Contender* find(const std::string& name, const Device& device);

    std::string folder_;
    std::map<std::string, Peer> peers_;
    std::map<std::string, std::vector<Contender*>> of_device_;
    std::vector<Participant> participants_;
};

}  // namespace heddle::tool::bench
