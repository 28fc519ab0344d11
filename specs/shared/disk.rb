# Room on the root file system. Who takes this in declares `values limits { disk_used 85% }`.

probe disk {
  disk     / used <= ${limits.disk_used}
  diagnose $ df -h /
}
