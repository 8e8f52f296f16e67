try {
    Test-Connection gateway -Count 1
}
catch {
    Write-Host " [-] Failed: $($_.Exception.Message)" -ForegroundColor Red
}
